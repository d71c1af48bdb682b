"""Writes noncentral_large.json: tails of the noncentral t and F distributions at
noncentralities up to 1e15 and of central gamma and beta ones at shapes up to
1e12, in 60-digit arithmetic.

python3 noncentral_large.py > noncentral_large.json   (mpmath 1.2 or later)

t: P(T <= t) = int Phi(t s - ncp) f(s) ds, f the density of s = chi/sqrt(df);
F: P(F <= f) = int P(chi'2_df1(ncp) <= f df1 s^2) f(s) ds, whose inner
probability is elementary for odd df1. Each integrand is bracketed where its
logarithm has fallen by 110 and integrated piece by piece; a second run with
twice the pieces and 75 digits must agree to 1e-40. Arguments are exact float64.
"""
import json
import sys
from mpmath import mp, mpf, erfc, sqrt, loggamma, exp, log, quad, pi


def phi_sf(u):
    return erfc(u / sqrt(mpf(2))) / 2


def npdf(u):
    return exp(-u * u / 2) / sqrt(2 * pi)


def integrate(g, lo, hi, breaks, pieces):
    """int g over (lo, hi), g positive with one peak."""
    # The peak, coarsely and in ordinary precision of the logarithm.
    def lg(s):
        v = g(s)
        return log(v) if v > 0 else mpf('-inf')
    pts = sorted(set([b for b in breaks if lo < b < hi]))
    best = max(pts, key=lg)
    step = (hi - lo) / 50
    a, b = best, best
    # Golden-section search about the best break.
    width = max(abs(x - best) for x in pts) if len(pts) > 1 else step
    l, r = max(lo, best - width), min(hi, best + width)
    for _ in range(120):
        m1, m2 = l + (r - l) * mpf('0.382'), l + (r - l) * mpf('0.618')
        if lg(m1) < lg(m2):
            l = m1
        else:
            r = m2
    peak = (l + r) / 2
    top = lg(peak)
    def end(bound):
        near, far = peak, bound
        if lg(bound) > top - 110:
            return bound
        for _ in range(200):
            m = (near + far) / 2
            if lg(m) > top - 110:
                near = m
            else:
                far = m
            if abs(far - near) < abs(near - peak) / 50:
                break
        return far
    left, right = end(lo), end(hi)
    cuts = [left + (right - left) * i / pieces for i in range(pieces + 1)]
    cuts = sorted(set(cuts + [x for x in pts + [peak] if left < x < right]))
    # Scaled by the peak, as quad's error is absolute.
    scale = exp(top)
    return scale * sum(quad(lambda s: g(s) / scale, [c, d]) for c, d in zip(cuts, cuts[1:]))


def chi_density(df):
    """The density of ln s."""
    a = mpf(df) / 2
    c = log(mpf(2)) + a * log(a) - loggamma(a)
    return lambda v: exp(c + 2 * a * v - a * exp(2 * v))


def over_chi(df, inner, s0, w0, pieces):
    """int inner(s) f(s) ds; the inner function turns at s0 with width w0."""
    f = chi_density(df)
    sd = 1 / sqrt(2 * mpf(df))
    steps = (-40, -20, -10, -5, -2, 0, 2, 5, 10, 20, 40)
    breaks = [log(s0) + k * w0 / s0 for k in steps] + [k * sd for k in steps]
    far = 400 / mpf(df) + 60 * sd
    return integrate(lambda v: inner(exp(v)) * f(v), min(breaks) - far, max(breaks) + 6, breaks, pieces)


def nct(t, df, ncp, pieces):
    t, ncp = mpf(t), mpf(ncp)
    lo = over_chi(df, lambda s: phi_sf(ncp - t * s), ncp / t, 1 / t, pieces)
    up = over_chi(df, lambda s: phi_sf(t * s - ncp), ncp / t, 1 / t, pieces)
    return lo, up


def ncx2(x, df, lam):
    """Both tails of the noncentral chi-square for odd df, by the step of two
    degrees of freedom P_(v+2) = P_v - 2 f_(v+2)."""
    r, l = sqrt(x), sqrt(lam)
    lo = phi_sf(l - r) - phi_sf(r + l)
    up = phi_sf(r - l) + phi_sf(r + l)
    for v in range(3, df + 1, 2):
        nu = mpf(v - 2) / 2
        z = r * l
        # Half-integer Bessel functions are finite sums; e^-z I_nu(z).
        n = (v - 3) // 2
        s1 = s2 = mpf(0)
        for k in range(n + 1):
            c = mp.factorial(n + k) / (mp.factorial(k) * mp.factorial(n - k)) / (2 * z) ** k
            s1 += (-1) ** k * c
            s2 += c
        i = (s1 - (-1) ** n * s2 * exp(-2 * z)) / sqrt(2 * pi * z)
        f = exp(-(r - l) ** 2 / 2) / 2 * (x / lam) ** (nu / 2) * i
        lo -= 2 * f
        up += 2 * f
    return lo, up


def ncf(f, df1, df2, lam, pieces):
    f, lam = mpf(f), mpf(lam)
    s0 = sqrt(lam / (f * df1))
    w0 = 1 / sqrt(f * df1)
    lo = over_chi(df2, lambda s: ncx2(f * df1 * s * s, df1, lam)[0], s0, w0, pieces)
    up = over_chi(df2, lambda s: ncx2(f * df1 * s * s, df1, lam)[1], s0, w0, pieces)
    return lo, up


def gamma_tails(a, x, pieces):
    a, x = mpf(a), mpf(x)
    c = a * log(a) - a - loggamma(a)
    g = lambda t: exp(c + a * (log(t / a) - (t - a) / a)) / t
    sd = sqrt(a)
    br = [a + k * sd for k in (-40, -20, -10, -5, -2, 0, 2, 5, 10, 20, 40)] + [x + k * sd for k in (-5, -2, -1, -mpf('.1'), mpf('.1'), 1, 2, 5)]
    br = [b for b in br if b > 0]
    return (integrate(g, mpf(10) ** -30, x, br + [x * (1 - mpf(10) ** -12)], pieces),
            integrate(g, x, 4 * max(br), br + [x * (1 + mpf(10) ** -12)], pieces))


def beta_tails(a, b, odds, pieces):
    """In the variable ln(odds), about the given odds."""
    a, b, odds = mpf(a), mpf(b), mpf(odds)
    c = -(loggamma(a) + loggamma(b) - loggamma(a + b))
    mode = log(a / b)
    at = log(odds)
    sd = sqrt(1 / a + 1 / b)
    shift = 200 * sd
    base = min(mode, at) - shift
    g = lambda v: exp(c + a * (v + base) - (a + b) * log(1 + exp(v + base)))
    br = [mode + k * sd for k in (-40, -20, -10, -5, -2, 0, 2, 5, 10, 20, 40)] + [at + k * sd for k in (-5, -2, -1, -mpf('.1'), -mpf('1e-6'), mpf('1e-6'), mpf('.1'), 1, 2, 5)]
    br = [x - base for x in br if x > base]
    return (integrate(g, mpf(10) ** -30, at - base, br, pieces),
            integrate(g, at - base, max(br) * 4, br, pieces))


def both(fn, *args):
    mp.dps = 60
    p = fn(*args, 16)
    mp.dps = 75
    q = fn(*args, 23)
    for u, v in zip(p, q):
        assert abs(u - v) <= mpf(10) ** -40 * abs(v), (fn.__name__, args, mp.nstr(u, 30), mp.nstr(v, 30))
    assert abs(q[0] + q[1] - 1) < mpf(10) ** -40, (fn.__name__, args)
    return [float(mp.nstr(v, 25)) for v in q]


out = {"nct": [], "ncf": [], "gamma": [], "beta": []}
for df in (1, 8, 1e6):
    for ncp in (1e3, 6e7, 1e10):
        sd = float((1 + mpf(ncp) ** 2 / (2 * df)) ** 0.5)
        for k in (-6, 0.3, 8):
            t = float(ncp + k * sd) if ncp + k * sd > 0 else float(ncp / (1 - 2 * k * (1 / (2 * df)) ** 0.5))
            out["nct"].append([t, df, ncp] + both(nct, t, df, ncp))
    print("nct", df, file=sys.stderr)
for df1 in (1, 3):
    for df2 in (2, 60, 1e6):
        for lam in (1e6, 1e15):
            sd = float(((2 * df1 + 4 * mpf(lam)) / mpf(df1 + lam) ** 2 + mpf(2) / df2) ** 0.5)
            for k in (-4, 0.2):
                f = float((df1 + lam) / df1 * mp.exp(k * sd))
                out["ncf"].append([f, df1, df2, lam] + both(ncf, f, df1, df2, lam))
    print("ncf", df1, file=sys.stderr)
for a in (1.5e5, 1e7, 1e12):
    for k in (-20, -0.5, 3):
        x = float(a + k * a ** 0.5)
        out["gamma"].append([x, a] + both(gamma_tails, a, x))
for a, b in ((1.5e5, 2e5), (1e7, 2e5), (3e5, 1e12), (1e12, 1e12)):
    for k in (-20, -0.5, 3):
        odds = float(mpf(a) / b * mp.exp(k * (1 / mpf(a) + 1 / mpf(b)) ** 0.5))
        out["beta"].append([odds, a, b] + both(beta_tails, a, b, odds))
json.dump(out, sys.stdout, indent=None, separators=(",", ":"))
