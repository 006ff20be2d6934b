#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest.h>
#include <sys/stat.h>

int main(int argc, char** argv) {
  ::umask(0077);  // directories that tests make are private, as the node asks of its data directory
  return doctest::Context(argc, argv).run();
}
