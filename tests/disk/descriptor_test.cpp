#include "phyllo/disk/descriptor.hpp"

#include <doctest.h>
#include <fcntl.h>

namespace descriptor_test {

using namespace phyllo;

TEST_CASE("a descriptor is closed at its end, and none is where there was none") {
  const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  REQUIRE(fd >= 0);
  {
    const disk::descriptor d(fd);
    CHECK(d.get() == fd);
    CHECK(::fcntl(fd, F_GETFD) >= 0);
  }
  CHECK(::fcntl(fd, F_GETFD) == -1);
  const disk::descriptor none(-1);
  CHECK(none.get() == -1);
}

TEST_CASE("the error of a system call names the path, what was tried, and why it failed") {
  errno = ENOSPC;
  const auto e = disk::io_error("/d/file", "write").error();
  CHECK(e == disk::errc::io);
  CHECK(e.detail() == "/d/file: write: No space left on device");
}

}  // namespace descriptor_test
