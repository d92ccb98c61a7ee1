#include "import/draft.h"
void from_virshle (struct import *im, struct tree *const *files, size_t n) { (void)im; (void)files; (void)n; }
