# Reference numbers from R: base R, tseries, sandwich, lmtest and systemfit, all from Debian.
#
#   Rscript tests/reference/diagnostics.R
#
# Reads returns.csv (sessions -260 to +5 around 27 January 2025), writes diagnostics.csv.
# Market model over sessions -260 to -11: residual checks, Newey-West errors, stability of
# both halves; and the mean coefficient of the event dummies of a seemingly unrelated
# regression, sessions -1 to 1.

suppressMessages({
  library(tseries); library(sandwich); library(lmtest); library(systemfit)
})
arguments <- commandArgs(trailingOnly = FALSE)
script <- sub("^--file=", "", grep("^--file=", arguments, value = TRUE))
folder <- dirname(normalizePath(script))

returns <- read.csv(file.path(folder, "returns.csv"), check.names = FALSE)
stocks <- c("NVDA", "AVGO", "ORCL", "MSFT")
tau <- seq_len(nrow(returns)) - which(returns$date == "2025-01-27")
estimation <- returns[tau >= -260 & tau <= -11, ]

rows <- data.frame(symbol = character(), quantity = character(), value = numeric())
keep <- function(symbol, quantity, value) {
  rows[nrow(rows) + 1, ] <<- list(symbol, quantity, as.numeric(value))
}

check <- function(symbol, y) {
  data <- data.frame(y = y, m = estimation$GSPC)
  fitted <- lm(y ~ m, data = data)
  e <- residuals(fitted)
  box <- Box.test(e, lag = 10, type = "Ljung-Box")
  keep(symbol, "autocorrelation", box$statistic)
  keep(symbol, "autocorrelation_p", box$p.value)
  lagged <- embed(e^2, 6)
  squares <- summary(lm(lagged[, 1] ~ lagged[, -1]))
  arch <- nrow(lagged) * squares$r.squared
  keep(symbol, "volatility_clustering", arch)
  keep(symbol, "volatility_clustering_p", pchisq(arch, 5, lower.tail = FALSE))
  keep(symbol, "normality", jarque.bera.test(e)$statistic)
  data$second <- seq_along(e) > length(e) / 2
  halves <- lm(y ~ m * second, data = data)
  wald <- waldtest(halves, fitted, vcov = function(x) vcovHC(x, type = "HC3"), test = "F")
  keep(symbol, "stability", wald$F[2])
  keep(symbol, "stability_p", wald$`Pr(>F)`[2])
  errors <- sqrt(diag(NeweyWest(fitted, lag = 4, prewhite = FALSE, adjust = TRUE)))
  keep(symbol, "alpha_hac", errors[1])
  keep(symbol, "beta_hac", errors[2])
  keep(symbol, "alpha_ols", sqrt(vcov(fitted)[1, 1]))
  keep(symbol, "beta_ols", sqrt(vcov(fitted)[2, 2]))
}
for (symbol in stocks) check(symbol, estimation[[symbol]])
check("portfolio", rowMeans(estimation[stocks]))

window <- returns[tau >= -1 & tau <= 1, ]
together <- rbind(estimation, window)
for (at in -1:1) together[[paste0("d", at + 2)]] <- as.numeric(seq_len(nrow(together)) == 252 + at)
equations <- lapply(stocks, function(s) as.formula(paste(s, "~ GSPC + d1 + d2 + d3")))
names(equations) <- stocks
# "geomean" divides E'E by T - k, T with the event rows, k with the dummies
sur <- systemfit(equations, method = "SUR", data = together, methodResidCov = "geomean")
mean_of <- rep(c(0, 0, 1, 1, 1), length(stocks)) / length(stocks)
effect <- sum(mean_of * coef(sur))
error <- sqrt(drop(t(mean_of) %*% vcov(sur) %*% mean_of))
keep("all", "sur_effect", effect)
keep("all", "sur_average", effect / error)

rows$value <- formatC(rows$value, digits = 17, format = "g", width = 1)
write.csv(rows, file.path(folder, "diagnostics.csv"), row.names = FALSE, quote = FALSE)
message(R.version.string)
for (name in c("tseries", "sandwich", "lmtest", "systemfit")) {
  message(name, " ", packageVersion(name))
}
