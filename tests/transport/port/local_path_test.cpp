#include "transport/port/local_path.hpp"

#include <doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "support/temporary_directory.hpp"

namespace local_path_test {

using namespace phyllo;

namespace {

struct unix_socket {
  int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  unix_socket() { REQUIRE(fd >= 0); }
  ~unix_socket() { ::close(fd); }
  unix_socket(const unix_socket&) = delete;
  unix_socket& operator=(const unix_socket&) = delete;
};

bool serves(const std::string& path) {
  const unix_socket listener;
  const unix_socket caller;
  if (!transport::local_path(path).bind(listener.fd)) return false;
  return ::listen(listener.fd, 1) == 0 && transport::local_path(path).connect(caller.fd);
}

}  // namespace

TEST_CASE("a socket is bound and found by a path of any length, also just around that of an address") {
  const testing::temporary_directory d;
  const auto limit = sizeof(sockaddr_un::sun_path);
  for (const std::size_t size : {d.path().size() + 3, limit - 2, limit - 1, limit, limit + 1}) {
    const auto path = d.file(std::string(size - d.path().size() - 1, 's'));
    REQUIRE(path.size() == size);
    CHECK_MESSAGE(serves(path), path);
    CHECK(std::filesystem::is_socket(path));
  }
}

TEST_CASE("a directory that is deep serves, and a name that is too long does not") {
  const testing::temporary_directory d;
  const auto deep = d.file(std::string(200, 'd'));
  std::filesystem::create_directory(deep);
  CHECK(serves(deep + "/s"));
  const unix_socket s;
  errno = 0;
  CHECK_FALSE(transport::local_path(deep + "/" + std::string(150, 's')).bind(s.fd));
  CHECK(errno == ENAMETOOLONG);
}

TEST_CASE("a directory that is not there is named by its error") {
  const unix_socket s;
  errno = 0;
  CHECK_FALSE(transport::local_path("/no-such-directory/" + std::string(200, 's')).connect(s.fd));
  CHECK(errno == ENOENT);
  errno = 0;
  CHECK_FALSE(transport::local_path("/no-such-directory/s").bind(s.fd));
  CHECK(errno == ENOENT);
}

}  // namespace local_path_test
