# GARCH(1,1) reference numbers from another program: R with fGarch.
#
#   Rscript tests/reference/garch.R
#
# Reads returns.csv (sessions -260 to +5 around 27 January 2025), writes garch.csv.
# 1. The market model with GARCH(1,1) normal errors in percent over sessions -260 to -11, by a
#    likelihood written here and two optimisers; h starts from the mean squared residual
#    of least squares. fGarch has no regressors, so
# 2. the same likelihood without a market is set against fGarch on the mark/pound series
#    (dem2gbp, in fGarch), the benchmark of Fiorentini, Calzolari and Panattoni (1996). The
#    series itself stays in its package.

suppressMessages(library(fGarch))
arguments <- commandArgs(trailingOnly = FALSE)
script <- sub("^--file=", "", grep("^--file=", arguments, value = TRUE))
folder <- dirname(normalizePath(script))

rows <- data.frame(symbol = character(), quantity = character(), value = numeric())
keep <- function(symbol, names, values) {
  for (i in seq_along(names)) rows[nrow(rows) + 1, ] <<- list(symbol, names[i], as.numeric(values[i]))
}

path <- function(parameters, y, x, start) {
  k <- ncol(x)
  e <- drop(y - x %*% parameters[1:k])
  h <- numeric(length(y))
  squared <- before <- start
  for (t in seq_along(y)) {
    h[t] <- parameters[k + 1] + parameters[k + 2] * squared + parameters[k + 3] * before
    squared <- e[t]^2
    before <- h[t]
  }
  list(e = e, h = h)
}

estimate <- function(y, x, start = NULL) {
  plain <- lm.fit(x, y)
  fixed <- if (is.null(start)) mean(plain$residuals^2) else start
  minus <- function(parameters) {
    found <- path(parameters, y, x, fixed)
    if (any(!is.finite(found$h)) || any(found$h <= 0)) return(1e10)
    0.5 * sum(log(2 * pi * found$h) + found$e^2 / found$h)
  }
  k <- ncol(x)
  tries <- list(c(0.05, 0.1, 0.8), c(0.3, 0.1, 0.4), c(0.1, 0.3, 0.6))
  best <- NULL
  for (try in tries) {
    first <- c(plain$coefficients, try[1] * fixed, try[2:3])
    found <- nlminb(first, minus, lower = c(rep(-Inf, k), 1e-10, 0, 0), upper = c(rep(Inf, k), Inf, 1, 1),
      control = list(eval.max = 5000, iter.max = 5000, rel.tol = 1e-14, x.tol = 1e-12))
    found <- optim(found$par, minus, method = "Nelder-Mead",
      control = list(maxit = 20000, reltol = 1e-16))
    if (is.null(best) || found$value < best$value) best <- found
  }
  list(par = best$par, value = -best$value, start = fixed, path = path(best$par, y, x, fixed))
}

returns <- read.csv(file.path(folder, "returns.csv"), check.names = FALSE)
tau <- seq_len(nrow(returns)) - which(returns$date == "2025-01-27")
inside <- tau >= -260 & tau <= -11
for (symbol in c("NVDA", "AVGO")) {
  x <- cbind(1, 100 * returns$GSPC[inside])
  found <- estimate(100 * returns[[symbol]][inside], x)
  keep(symbol, c("alpha", "beta", "omega", "a", "b"), found$par / c(100, 1, 1e4, 1, 1))
  last <- length(found$path$e)
  h <- found$par[3] + found$par[4] * found$path$e[last]^2 + found$par[5] * found$path$h[last]
  for (step in 1:10) h <- found$par[3] + (found$par[4] + found$par[5]) * h
  keep(symbol, c("log_likelihood", "h0"), c(found$value, h / 1e4))
}

data(dem2gbp)
y <- dem2gbp[[1]]
names <- c("mu", "omega", "a", "b")
fitted <- garchFit(~ garch(1, 1), data = y, trace = FALSE)
keep("dem2gbp fGarch", c(names, "log_likelihood"), c(coef(fitted), -fitted@fit$llh))
keep("dem2gbp published", names, c(-0.00619041, 0.0107613, 0.153134, 0.805974))
# there the start is the mean squared residual about the estimated mean itself
again <- estimate(y, cbind(rep(1, length(y))), mean((y - coef(fitted)[1])^2))
keep("dem2gbp likelihood above", c(names, "log_likelihood"), c(again$par, again$value))

rows$value <- formatC(rows$value, digits = 12, format = "g", width = 1)
write.csv(rows, file.path(folder, "garch.csv"), row.names = FALSE, quote = FALSE)
message(R.version.string, ", fGarch ", packageVersion("fGarch"))
