"""Linear models, kernels, neighbours, naive Bayes."""
