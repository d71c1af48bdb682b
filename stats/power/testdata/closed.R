# Power and size of twenty-seven invented designs, in base R: power.t.test, power.prop.test,
# power.anova.test, the papers' formulas written out, and all tables or arrangements
# counted. closed_test.go holds their output: Rscript closed.R
show <- function(name, x) cat(sprintf("%s %.15g\n", name, x))
z <- qnorm
tol <- 1e-12

show("t", power.t.test(n=37, delta=4.1, sd=7.3, sig.level=0.01, strict=TRUE)$power)
show("t-n", power.t.test(delta=4.1, sd=7.3, power=0.87, strict=TRUE, tol=tol)$n)
show("t-effect", power.t.test(n=23, sd=1, power=0.9, strict=TRUE, tol=tol)$delta)
show("pairs-n", power.t.test(delta=0.45, sd=1, power=0.85, type="paired", strict=TRUE, tol=tol)$n)
show("noninferior", power.t.test(n=44, delta=1.5-0.3, sd=2.4, sig.level=0.025, alternative="one.sided")$power)
show("anova", power.anova.test(groups=4, n=17, between.var=var(c(0, 1, 1.5, 3)), within.var=9)$power)
show("proportions-n", power.prop.test(p1=0.62, p2=0.41, power=0.85, tol=tol)$n)

# ANCOVA: noncentral t given the baseline's imbalance, averaged over its beta distribution
n1 <- 14; n0 <- 21; q <- 2; df <- n1+n0-2-q; se <- 3.3*sqrt(1-0.55^2)*sqrt(1/n1+1/n0); t <- qt(0.975, df)
f <- function(b) pt(t, df, 2.4/se*sqrt(b), lower.tail=FALSE) + pt(-t, df, 2.4/se*sqrt(b))
show("ancova", integrate(function(b) f(b)*dbeta(b, (n1+n0-1-q)/2, q/2), 0, 1, rel.tol=1e-11)$value)

# MMRM of Lu, Luo and Chen: four visits, correlations that fade, loss that grows, arms apart
R <- 0.75^abs(outer(1:4, 1:4, "-"))
phi <- function(s) { I <- matrix(0, 4, 4); for (j in 1:4) I[1:j,1:j] <- I[1:j,1:j] + (s[j]-c(s, 0)[j+1])*solve(R[1:j,1:j]); solve(I)[4,4] }
a <- phi(c(0.98, 0.94, 0.85, 0.71)); b <- phi(c(0.97, 0.90, 0.83, 0.79))
show("mmrm-n", (a + b/1.5)*(z(0.975)+z(0.9))^2*6.2^2/2.9^2)
show("mmrm", {d <- 2.9/sqrt(6.2^2*(a+b/1.5)/70); pnorm(d-z(0.975))}) # the right direction alone, as the formula has it

# Ordered categories (Whitehead), ranks (Noether), win ratio (Yu and Ganju)
p0 <- c(0.1, 0.25, 0.3, 0.2, 0.15); up <- rev(cumsum(rev(p0)))[-1]; up <- plogis(qlogis(up)+log(1.9)); p1 <- -diff(c(1, up, 0))
A <- 1/1.5; pbar <- (A*p1+p0)/(A+1)
show("ordinal-n", 3*(A+1)^2*(z(0.975)+z(0.8))^2/(A*log(1.9)^2*(1-sum(pbar^3)))*A/(A+1))
show("ranks-n", {c <- 1/3; (z(0.975)+z(0.9))^2/(12*c*(1-c)*0.13^2)*c})
show("wins-n", {c <- 0.5; 4*(1+0.15)/(3*c*(1-c)*(1-0.15))*(z(0.975)+z(0.85))^2/log(1.6)^2*c})

# Counts (Zhu and Lakkis, true rates): treated participants, two of them per control
show("counts-n", {A <- 2; V <- (1/1.2+1/(A*1.2*0.65))/1.5+(1+A)*0.8/A; A*V*(z(0.975)+z(0.8))^2/log(0.65)^2})

# Events (Schoenfeld, Freedman) and the share with one (Lachin and Foulkes, integrated)
show("schoenfeld", {A <- 0.5; (z(0.975)+z(0.9))^2*(1+A)^2/(A*log(0.68)^2)})
show("freedman", {A <- 0.5; (z(0.975)+z(0.9))^2*(1+A*0.68)^2/(A*(1-0.68)^2)})
l <- 0.045; e <- 0.012
show("event-share", integrate(function(u) l/(l+e)*(1-exp(-(l+e)*(10+u)))/18, 0, 18, rel.tol=1e-12)$value)

# Clusters of unequal size; crossover; crossover's equivalence
show("clusters", {v <- 8^2*(1+((1+0.4^2)*22-1)*0.04)/22; k <- 11; t <- qt(0.975, 2*k-2); nc <- 4/sqrt(2*v/k); pt(t, 2*k-2, nc, lower.tail=FALSE)+pt(-t, 2*k-2, nc)})
show("crossover", {t <- qt(0.975, 18); nc <- 1.1/(1.4*sqrt(2/20)); pt(t, 18, nc, lower.tail=FALSE)+pt(-t, 18, nc)})
show("bioequivalence", {df <- 22; se <- sqrt(log(1+0.28^2))*sqrt(2/24); t <- qt(0.95, df); m <- log(1.25); d <- log(1.05)
  integrate(function(s) pmax(0, pnorm((m-d)/se-t*s)-pnorm(t*s-(m+d)/se))*2*df*s*dchisq(df*s^2, df), 0, m/se/t, rel.tol=1e-11)$value})

# Two arms against control (Dunnett), the power of either: over the control's mean and the SD
n <- 26; k <- 2; df <- 3*n-3
all <- function(cr, d) integrate(Vectorize(function(s) 2*df*s*dchisq(df*s^2, df)*integrate(function(u) { p <- dnorm(u)
  for (x in d) p <- p*(pnorm(u+cr*s*sqrt(2)-x*sqrt(n)) - pnorm(u-cr*s*sqrt(2)-x*sqrt(n))); p }, -9, 9, rel.tol=1e-10)$value), 0.3, 2, rel.tol=1e-9)$value
cr <- uniroot(function(x) all(x, c(0, 0))-0.95, c(1.9, 2.6), tol=1e-11)$root
show("dunnett-any", 1-all(cr, c(0.5, 0.8)))

# Two co-primary outcomes, known SDs
show("both", {n <- 60; m <- c(0.5, 0.6)*sqrt(n/2)-z(0.975); r <- 0.35; integrate(function(x) dnorm(x)*pnorm((m[2]+r*x)/sqrt(1-r^2)), -m[1], Inf, rel.tol=1e-12)$value})

# All tables: Fisher's test and the pooled z
n <- 31; x <- 0:n; w <- dbinom(x, n, 0.78) %o% dbinom(x, n, 0.44)
show("fisher", sum(w[outer(x, x, Vectorize(function(a, b) fisher.test(matrix(c(a, n-a, b, n-b), 2))$p.value)) <= 0.05]))
show("pooled", sum(w[outer(x, x, function(a, b) { p <- (a+b)/(2*n); v <- p*(1-p)*2/n; ifelse(v > 0, abs(a-b)/n/sqrt(v), 0) }) >= z(0.975)]))

# Assurance, correlation, precision
show("assurance", integrate(function(d) dnorm(d, 1.3, 0.6)*pnorm(d/0.55-z(0.975)), -10, 10, rel.tol=1e-12)$value)
show("half-width", qt(0.975, 2*18-2)*5.5*sqrt(2/18))
show("expected-half-width", qt(0.975, 34)*5.5*sqrt(2/18)*sqrt(2/34)*exp(lgamma(35/2)-lgamma(34/2)))
