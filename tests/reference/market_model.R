# Reference numbers from another program: base R only, no packages.
#
#   Rscript tests/reference/market_model.R
#
# Reads returns.csv (sessions -260 to +5 around 27 January 2025), writes market_model.csv.
# Market model over sessions -260 to -11; abnormal return of session 0; CAR of [-1, 1];
# every test of [-1, 1] across the four stocks, but placebo dates.

arguments <- commandArgs(trailingOnly = FALSE)
script <- sub("^--file=", "", grep("^--file=", arguments, value = TRUE))
folder <- dirname(normalizePath(script))

returns <- read.csv(file.path(folder, "returns.csv"), check.names = FALSE)
stocks <- c("NVDA", "AVGO", "ORCL", "MSFT")
zero <- which(returns$date == "2025-01-27")
tau <- seq_len(nrow(returns)) - zero
estimation <- returns[tau >= -260 & tau <= -11, ]
window <- returns[tau >= -1 & tau <= 1, ]
L <- nrow(window)

rows <- data.frame(symbol = character(), quantity = character(), value = numeric())
keep <- function(symbol, quantity, value) {
  rows[nrow(rows) + 1, ] <<- list(symbol, quantity, as.numeric(value))
}

study <- function(y) {
  fitted <- lm(estimation[[y]] ~ GSPC, data = estimation)
  forecast <- predict(fitted, newdata = window, se.fit = TRUE)
  sigma <- summary(fitted)$sigma
  ar <- window[[y]] - forecast$fit
  # variance of a sum of forecast errors: L sigma^2 plus that of the summed fitted values
  s <- c(L, sum(window$GSPC))
  list(
    fitted = fitted, sigma = sigma, ar = ar,
    error = sqrt(sigma^2 + forecast$se.fit^2),
    car = sum(ar),
    car_error = sqrt(L * sigma^2 + drop(t(s) %*% vcov(fitted) %*% s)),
    df = fitted$df.residual
  )
}

studies <- lapply(stocks, study)
names(studies) <- stocks
for (symbol in stocks) {
  one <- studies[[symbol]]
  keep(symbol, "alpha", coef(one$fitted)[1])
  keep(symbol, "beta", coef(one$fitted)[2])
  keep(symbol, "sigma", one$sigma)
  keep(symbol, "df", one$df)
  keep(symbol, "ar0", one$ar[2])
  keep(symbol, "ar0_error", one$error[2])
  keep(symbol, "sar0", one$ar[2] / one$error[2])
  keep(symbol, "car", one$car)
  keep(symbol, "car_error", one$car_error)
  keep(symbol, "pvalue", 2 * pt(-abs(one$car / one$car_error), one$df))
}

N <- length(stocks)
car <- sapply(studies, function(one) one$car)
scar <- sapply(studies, function(one) one$car / one$car_error)
residuals <- sapply(studies, function(one) residuals(one$fitted))
correlations <- cor(residuals)
r <- mean(correlations[upper.tri(correlations)])
test <- function(name, statistic, pvalue) {
  keep("all", name, statistic)
  keep("all", paste0(name, "_p"), pvalue)
}
normal <- function(z) 2 * pnorm(-abs(z))

estimation$portfolio <- rowMeans(estimation[stocks])
window$portfolio <- rowMeans(window[stocks])
whole <- study("portfolio")
keep("all", "caar", whole$car)
keep("all", "r_bar", r)
test("portfolio_t", whole$car / whole$car_error, 2 * pt(-abs(whole$car / whole$car_error), whole$df))

aar <- rowMeans(residuals)
crude <- mean(car) / (sqrt(L) * sd(aar))
test("crude_dependence_t", crude, 2 * pt(-abs(crude), length(aar) - 1))

across <- t.test(car)
test("cross_sectional_t", across$statistic, across$p.value)
standardised <- t.test(scar)
test("bmp", standardised$statistic, standardised$p.value)
adjusted <- standardised$statistic * sqrt((1 - r) / (1 + (N - 1) * r))
test("kp_bmp", adjusted, 2 * pt(-abs(adjusted), N - 1))

df <- sapply(studies, function(one) one$df)
patell <- sum(scar) / sqrt(sum(df / (df - 2)))
test("patell", patell, normal(patell))
test("kp_patell", patell / sqrt(1 + (N - 1) * r), normal(patell / sqrt(1 + (N - 1) * r)))

share <- mean(colMeans(residuals > 0))
generalized <- (sum(car > 0) - N * share) / sqrt(N * share * (1 - share))
test("generalized_sign", generalized, normal(generalized))
test("sign", sum(car > 0), binom.test(sum(car > 0), N)$p.value)
signed <- wilcox.test(car, exact = TRUE)
test("wilcoxon", min(signed$statistic, N * (N + 1) / 2 - signed$statistic), signed$p.value)

sums <- stats::filter(aar, rep(1, L), sides = 1)
sums <- sums[!is.na(sums)]
beyond <- sum(abs(sums) >= abs(mean(car)))
test("placebo_rank", beyond, (1 + beyond) / (1 + length(sums)))

# ranks of estimation residuals and the window together; sessions are rows
M <- nrow(residuals)
scaled <- function(values, by) sweep(values, 2, by, "/")
window_z <- function(values) {
  K <- apply(values, 2, rank) / (M + L + 1) - 1 / 2
  kbar <- rowMeans(K)
  sqrt(L) * mean(kbar[M + seq_len(L)]) / sqrt(mean(kbar^2))
}
ar <- sapply(studies, function(one) one$ar)
sigma <- sapply(studies, function(one) one$sigma)
sar <- sapply(studies, function(one) one$ar / one$error)
corrado <- window_z(rbind(residuals, ar))
test("corrado_rank", corrado, normal(corrado))
zivney <- window_z(rbind(scaled(residuals, sigma), sar / apply(sar, 1, sd)))
test("corrado_zivney", zivney, normal(zivney))

# generalised ranks: the whole window is one more session
U <- apply(rbind(scaled(residuals, sigma), scar / sd(scar)), 2, rank) / (M + 2) - 1 / 2
ubar <- rowMeans(U)
Z <- ubar[M + 1] / sqrt(mean(ubar^2))
sessions <- M + 1
grank <- Z * sqrt((sessions - 2) / (sessions - 1 - Z^2))
test("grank_t", grank, 2 * pt(-abs(grank), sessions - 2))
grank_z <- ubar[M + 1] / sqrt(N * M / (12 * (M + 2)) / N^2)
test("grank_z", grank_z, normal(grank_z))

S <- mean(car) / sd(car)
g <- mean((car - mean(car))^3) / sd(car)^3
skewed <- sqrt(N) * (S + g * S^2 / 3 + g / (6 * N))
test("skewness_t", skewed, normal(skewed))

# the mean SAR with errors clustered by session and by firm
off <- sar - mean(sar)
error <- sqrt(sum(rowSums(off)^2) + sum(colSums(off)^2) - sum(off^2)) / length(off)
test("clustered_t", mean(sar) / error, 2 * pt(-abs(mean(sar) / error), min(L, N) - 1))

by_session <- t.test(rowMeans(ar) / sd(aar))
test("calendar_time_t", by_session$statistic, by_session$p.value)

patterns <- as.matrix(expand.grid(rep(list(c(-1, 1)), N)))
flipped <- abs(patterns %*% scar)
test("sign_flip", mean(scar), mean(flipped >= abs(sum(scar)) * (1 - 1e-12)))

# Hotelling's test of all abnormal returns, and of their differences
hotelling <- function(name, y, effect) {
  covariance <- crossprod(y) / (M - 2)
  spread <- drop(t(c(L, sum(window$GSPC))) %*% vcov(studies[[1]]$fitted) %*%
    c(L, sum(window$GSPC))) / sigma[1]^2 + L
  n <- length(effect)
  f <- drop(effect %*% solve(covariance, effect)) / spread * (M - 2 - n + 1) / ((M - 2) * n)
  test(name, f, pf(f, n, M - 2 - n + 1, lower.tail = FALSE))
}
hotelling("joint_f", residuals, car)
hotelling("equality_f", residuals[, -1] - residuals[, 1], car[-1] - car[1])

rows$value <- formatC(rows$value, digits = 17, format = "g", width = 1)
write.csv(rows, file.path(folder, "market_model.csv"), row.names = FALSE, quote = FALSE)
message(R.version.string)
