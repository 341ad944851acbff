"""torch and transformers: any causal chat model, the GPU, and the reference for the others."""
