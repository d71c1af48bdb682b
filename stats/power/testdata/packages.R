# What the comments of stats/power say of R: the values of packages_test.go.
# R 4.2.2, pwr 1.3-0, rpact 3.3.4, Hmisc 4.8-0, mvtnorm 1.1-3: Rscript packages.R
suppressMessages({library(rpact);library(pwr);library(Hmisc);library(mvtnorm)})
p<-function(n,x) cat(sprintf("%s %.12g\n",n,x))
p("t", power.t.test(n=20,delta=0.8,sd=1,strict=TRUE)$power)
p("t2n", pwr.t2n.test(n1=12,n2=24,d=0.9)$power)
p("t1", pwr.t.test(n=15,d=0.6,type="one.sample")$power)
p("prop", power.prop.test(n=50,p1=.7,p2=.5)$power)
p("propz", pwr.2p.test(h=ES.h(.7,.5),n=50)$power)
p("ESh", ES.h(.7,.5))
p("anova", pwr.anova.test(k=4,n=12,f=.3)$power)
p("f2", pwr.f2.test(u=3,v=40,f2=.2)$power)
p("r", pwr.r.test(n=40,r=.4)$power)
p("chisq", pwr.chisq.test(w=.3,N=100,df=4)$power)
p("ni", getSampleSizeRates(groups=2,thetaH0=-.1,pi1=.85,pi2=.8,sided=1,alpha=.025,beta=.1)$nFixed/2)
p("nipower", getPowerRates(groups=2,thetaH0=-.1,pi1=.85,pi2=.8,sided=1,alpha=.025,maxNumberOfSubjects=200)$overallReject)
p("schoenfeld", getSampleSizeSurvival(lambda2=.1,hazardRatio=.7,sided=2,alpha=.05,beta=.2,typeOfComputation="Schoenfeld",maxNumberOfSubjects=1e4,accrualTime=1)$eventsFixed)
p("freedman", getSampleSizeSurvival(lambda2=.1,hazardRatio=.7,sided=2,alpha=.05,beta=.2,typeOfComputation="Freedman",maxNumberOfSubjects=1e4,accrualTime=1)$eventsFixed)
e<-getEventProbabilities(time=24,accrualTime=c(0,12),accrualIntensity=10,lambda2=.04,hazardRatio=.6,allocationRatioPlanned=1,dropoutRate1=.1,dropoutRate2=.1,dropoutTime=12,maxNumberOfSubjects=120)
p("ev1", e$eventProbabilities1); p("ev2", e$eventProbabilities2)
set.seed(1); R<-matrix(.5,3,3); diag(R)<-1
p("qmvt", qmvt(.95,tail="both.tails",df=40,corr=R,algorithm=GenzBretz(maxpts=1e6,abseps=1e-7))$quantile)
p("copri", as.numeric(pmvnorm(lower=qnorm(.975)-c(.5,.6)*sqrt(40/2),corr=matrix(c(1,.3,.3,1),2),algorithm=GenzBretz(abseps=1e-10))))
p("ni_t", power.t.test(n=50,delta=1.1,sd=2,sig.level=.025,alternative="one.sided")$power)
# Hmisc takes the mean shares of both arms: control (0.2, 0.5, 0.3), odds ratio 2.
s <- c(.2, .5, .3); above <- rev(cumsum(rev(s)))[-1]; odds <- 2*above/(1 - above)
m <- (s - diff(c(1, odds/(1 + odds), 0)))/2
p("posam", posamsize(m, 2, alpha=.05, power=.9)$n)
p("popow", popower(m, 2, n=200, alpha=.05)$power)
