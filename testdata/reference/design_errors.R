# Reference values of stats/design_errors_test.go: power, type S and type M of
# the two-sample t-test, D normal and S independent. Run: Rscript design_errors.R
f<-function(d,n){df<-2*n-2; se<-sqrt(2/n); tc<-qt(.975,df)
 # D~N(d,se), S~sqrt(chi2/df)
 g<-function(s){k<-tc*s*se; ds<-2*df*s*dchisq(df*s^2,df)
  hi<-d*pnorm((d-k)/se)+se*dnorm((k-d)/se)
  lo<- -(d*pnorm((-k-d)/se)-se*dnorm((-k-d)/se))
  cbind(pnorm((d-k)/se)*ds,pnorm((-k-d)/se)*ds,(hi+lo)*ds)}
 I<-sapply(1:3,function(j)integrate(function(s)g(s)[,j],0,Inf,rel.tol=1e-13,subdivisions=2000)$value)
 c(power=I[1]+I[2],S=I[2]/(I[1]+I[2]),M=I[3]/(I[1]+I[2])/d, ncp=1-pt(tc,df,d/se)+pt(-tc,df,d/se))}
options(digits=14)
for(d in c(.5,.8,1,1.5)) print(f(d,5))
print(f(0.3,50)); print(power.t.test(n=5,power=.8)$delta)
