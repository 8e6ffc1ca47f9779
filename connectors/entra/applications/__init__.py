"""Applications, their credentials, what they were granted, and what people may consent to."""
