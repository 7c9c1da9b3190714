# Reference numbers from other programs: systemfit and base R.
#
#   Rscript tests/reference/joint.R
#
# Reads returns.csv (sessions -260 to +5 around 27 January 2025), writes joint.csv.
# Regressions of four stocks on the index and one dummy for each session of a window, over
# the estimation sessions -260 to -11 and the window, for the windows [0, 0] and [-1, 1].

suppressMessages(library(systemfit))

arguments <- commandArgs(trailingOnly = FALSE)
script <- sub("^--file=", "", grep("^--file=", arguments, value = TRUE))
folder <- dirname(normalizePath(script))

returns <- read.csv(file.path(folder, "returns.csv"), check.names = FALSE)
stocks <- c("NVDA", "AVGO", "ORCL", "MSFT")
N <- length(stocks)
tau <- seq_len(nrow(returns)) - which(returns$date == "2025-01-27")
estimation <- tau >= -260 & tau <= -11

rows <- data.frame(
  first = numeric(), last = numeric(), symbol = character(), quantity = character(),
  value = numeric()
)
keep <- function(span, symbol, quantity, value) {
  rows[nrow(rows) + 1, ] <<- list(span[1], span[2], symbol, quantity, as.numeric(value))
}

for (span in list(c(0, 0), c(-1, 1))) {
  days <- span[1]:span[2]
  L <- length(days)
  data <- returns[estimation | tau %in% days, ]
  own <- tau[estimation | tau %in% days]
  dummies <- paste0("D", seq_len(L))
  for (i in seq_len(L)) data[[dummies[i]]] <- as.numeric(own == days[i])

  # seemingly unrelated regressions: abnormal returns, their joint covariance
  right <- paste("GSPC", paste(dummies, collapse = " + "), sep = " + ")
  system <- lapply(stocks, function(y) as.formula(paste(y, "~", right)))
  names(system) <- stocks
  sur <- systemfit(system, "SUR", data = data, control = systemfit.control(
    methodResidCov = "geomean", residCovWeighted = FALSE, maxiter = 1
  ))
  k <- 2 + L
  pick <- matrix(0, N, N * k)
  for (i in seq_len(N)) pick[i, (i - 1) * k + 2 + seq_len(L)] <- 1
  car <- drop(pick %*% coef(sur))
  covariance <- pick %*% vcov(sur) %*% t(pick)
  df <- nrow(data) - k
  for (i in seq_len(N)) {
    keep(span, stocks[i], "car", car[i])
    keep(span, stocks[i], "car_error", sqrt(covariance[i, i]))
  }
  t <- mean(car) / (sqrt(sum(covariance)) / N)
  keep(span, "all", "portfolio_t", t)
  keep(span, "all", "portfolio_t_p", 2 * pt(-abs(t), df))
  keep(span, "all", "sur_t2", drop(car %*% solve(covariance) %*% car))

  # the same hypotheses by base R's multivariate linear model: an exact F of one restriction
  joint <- function(y, name) {
    x <- as.matrix(data[dummies])
    rest <- if (L > 1) x[, -L, drop = FALSE] - x[, L] else NULL
    full <- lm(y ~ data$GSPC + x)
    restricted <- if (L > 1) lm(y ~ data$GSPC + rest) else lm(y ~ data$GSPC)
    table <- anova(restricted, full, test = "Hotelling-Lawley")
    keep(span, "all", name, table[2, "approx F"])
    keep(span, "all", paste0(name, "_df1"), table[2, "num Df"])
    keep(span, "all", paste0(name, "_df2"), table[2, "den Df"])
    keep(span, "all", paste0(name, "_p"), table[2, "Pr(>F)"])
  }
  y <- as.matrix(data[stocks])
  joint(y, "joint_f")
  joint(y[, -1] - y[, 1], "equality_f")
}

rows$value <- formatC(rows$value, digits = 17, format = "g", width = 1)
write.csv(rows, file.path(folder, "joint.csv"), row.names = FALSE, quote = FALSE)
message(R.version.string)
message("systemfit ", packageVersion("systemfit"))
