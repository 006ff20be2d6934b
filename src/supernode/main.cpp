#include <cstdio>

int main() {
  std::puts("supernode 0.1.0");
  return 0;
}
