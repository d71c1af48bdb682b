"""Writes truth.json: values of distribution functions in 50-digit arithmetic.

python3 truth.py > truth.json   (mpmath 1.2 or later)
Every row is [arguments..., value] with arguments as exact float64.
"""
import json
import sys
from mpmath import mp, mpf, betainc, gammainc, erfc, sqrt, loggamma, exp, log, quad, inf, beta, gamma, pi, hyp1f1, hyp2f1, nsum

mp.dps = 50


def num(x):
    """A value as text with 20 digits; float64 reads it correctly rounded."""
    return float(mp.nstr(x, 20))


def ibeta(a, b, x):
    """I_x(a,b) and its complement: the series that converges fast, and a
    difference with the digits that it costs added."""
    with mp.workdps(400):
        a, b, x = mpf(a), mpf(b), mpf(x)
        if x > mpf(1) / 2:
            q = ibeta_s(b, a, 1 - x)
            return 1 - q, q
        p = ibeta_s(a, b, x)
        return p, 1 - p


def ibeta_s(a, b, x):
    pre = exp(a * log(x) + b * log(1 - x) - log(a) - loggamma(a) - loggamma(b) + loggamma(a + b))
    s = t = mpf(1)
    n = 0
    while t > s * mpf(10) ** -(mp.dps - 5):
        t *= (a + b + n) / (a + 1 + n) * x
        s += t
        n += 1
    return pre * s


def tsf(t, df):
    with mp.workdps(400):
        t, df = mpf(t), mpf(df)
        x = df / (df + t * t)
    return ibeta(df / 2, 0.5, x)[0] / 2 if df < 1e5 or t < 40 else mpf(0)


def gammaq(a, x):
    """Q(a,x): 1 − series, with the digits the difference costs added."""
    with mp.workdps(60 + int(x / 2)):
        return 1 - gammap(a, x)


def gammap(a, x):
    a, x = mpf(a), mpf(x)
    s = t = mpf(1)
    n = 1
    while t > s * mpf(10) ** -(mp.dps - 5):
        t *= x / (a + n)
        s += t
        n += 1
    return s * exp(a * log(x) - x - loggamma(a + 1))


def poisson_mix(lam, h, x, a0, b, sign=1, step=1):
    """Σ e^−λ λ^h/Γ(h+1) · F(a0+h), F incomplete beta (b given) or gamma."""
    a = a0 + h
    if b is not None:
        f = ibeta(a, b, x)[0]
        t = exp(a * log(x) + b * log(1 - x) - log(a) - loggamma(a) - loggamma(b) + loggamma(a + b))
    else:
        f = gammap(a, x)
        t = exp(a * log(x) - x - loggamma(a + 1))
    w = exp(-lam + h * log(lam) - loggamma(h + 1))
    s = mpf(0)
    while h < lam or w * f > mpf(10) ** -390:
        s += w * f
        f -= t
        t *= x * (a + b) / (a + 1) if b is not None else x / (a + 1)
        a += 1
        h += 1
        w *= lam / h
    return s


def nct(t, df, d):
    with mp.workdps(420):
        t, df, d = mpf(t), mpf(df), mpf(d)
        if t < 0:
            return nct(-t, df, -d)[::-1]
        x = t * t / (df + t * t)
        lam = d * d / 2
        half = mpf(1) / 2
        c = erfc(d / sqrt(mpf(2))) / 2
        c += (poisson_mix(lam, mpf(0), x, half, df / 2) + (1 if d > 0 else -1) * poisson_mix(lam, half, x, half, df / 2)) / 2
        return c, 1 - c


def nctpdf(t, df, d):
    with mp.workdps(420):
        h = mpf(10) ** -100
        return (nct(mpf(t) + h, df, d)[0] - nct(mpf(t) - h, df, d)[0]) / (2 * h)


def ncx2(x, df, lam):
    with mp.workdps(420):
        p = poisson_mix(mpf(lam) / 2, mpf(0), mpf(x) / 2, mpf(df) / 2, None)
        return p, 1 - p


def ncf(x, d1, d2, lam):
    with mp.workdps(420):
        r = mpf(x) * d1 / d2
        p = poisson_mix(mpf(lam) / 2, mpf(0), r / (1 + r), mpf(d1) / 2, mpf(d2) / 2)
        return p, 1 - p


out = {}
out["normsf"] = [[z, num(erfc(mpf(z) / sqrt(mpf(2))) / 2)] for z in [-8.3, -2, -0.1, 1e-9, 0.3, 1, 1.7, 3.3, 5, 8.123, 12.34567, 20.1, 29.9, 30.1, 37.00001]]
out["tsf"] = []
for df in [0.05, 0.5, 1, 1.7, 2, 3, 4.5, 7, 10, 15.3, 20, 20.5, 21, 30, 57.3, 120, 1000, 12345.6, 1e6]:
    for t in [1e-8, 0.01, 0.3, 0.99, 1.01, 1.96, 3.1, 6, 10, 36.5, 1e3, 1e8]:
        p = tsf(t, df)
        if p > 1e-300:
            out["tsf"].append([t, df, num(p)])
out["betacdf"] = []
for a in [1e-6, 0.02, 0.5, 1, 2.5, 10, 77.7, 1e3, 2e4]:
    for b in [1e-4, 0.3, 1, 3, 21.5, 400, 1e4]:
        for x in [1e-9, 1e-3, 0.2, 0.5, 0.97, 0.9999]:
            p, q = ibeta(a, b, x)
            if p > 1e-300 and q > 1e-300:
                out["betacdf"].append([x, a, b, num(p), num(q)])
out["gammacdf"] = []
for a in [1e-6, 0.02, 0.5, 1, 2.5, 10, 77.7, 1e3]:
    for r in [1e-12, 1e-3, 0.1, 0.6, 0.99, 1.01, 1.5, 3, 20]:
        for x in sorted({r * a, r}):
            if x > max(2000, 3 * a):
                continue
            q = gammaq(a, x)
            p = gammap(a, x)
            if p > 1e-300 and q > 1e-300:
                out["gammacdf"].append([x, a, num(p), num(q)])
out["nct"] = []
for df in [0.7, 1, 3.5, 12, 40, 300, 2e4]:
    for d in [-30, -6.5, -1, 0.01, 0.5, 2.5, 11, 38.5, 90]:
        for t in [0.2, 2, 9.5, 33.3, 120]:
            p, q = nct(t, df, d)
            if p > 1e-290 and q > 1e-290:
                out["nct"].append([t, df, d, num(p), num(q)])
for t, df, d in [(250, 12, 300), (420, 40, 300), (380, 12, 900), (1500, 40, 900)]:
    p, q = nct(t, df, d)
    out["nct"].append([t, df, d, num(p), num(q)])
out["nctpdf"] = []
for df, d, t in [(1, 0.5, 2), (3.5, -2, 1.5), (12, 11, 9.5), (40, 2.5, -3), (300, 38.5, 33.3), (300, 3, 9)]:
    out["nctpdf"].append([t, df, d, num(nctpdf(t, df, d))])
out["ncx2"] = []
for df in [0.3, 1, 5, 60, 1000]:
    for lam in [0.01, 2.2, 35, 800]:
        for x in [1e-3, 0.5, 6, 70, 900, 2500]:
            p, q = ncx2(x, df, lam)
            if p > 1e-290 and q > 1e-290:
                out["ncx2"].append([x, df, lam, num(p), num(q)])
out["ncf"] = []
for d1 in [1, 3, 24.5, 200]:
    for d2 in [1.5, 10, 350]:
        for lam in [0.01, 2.2, 35, 800]:
            for x in [1e-3, 0.5, 1.3, 9, 60]:
                p, q = ncf(x, d1, d2, lam)
                if p > 1e-290 and q > 1e-290:
                    out["ncf"].append([x, d1, d2, lam, num(p), num(q)])
json.dump(out, sys.stdout, indent=0)
