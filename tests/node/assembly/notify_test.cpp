#include "assembly/notify.hpp"

#include <doctest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>

#include "support/temporary_directory.hpp"

namespace notify_test {

using namespace phyllo;

TEST_CASE("the service manager gets one datagram at the socket it names") {
  const testing::temporary_directory d;
  const auto path = d.file("notify");
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM, 0);
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  std::strncpy(at.sun_path, path.c_str(), sizeof at.sun_path - 1);
  REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
  ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  CHECK(node::notify_service_manager("READY=1"));
  ::unsetenv("NOTIFY_SOCKET");
  std::array<char, 64> got{};
  const auto n = ::recv(fd, got.data(), got.size(), MSG_DONTWAIT);
  REQUIRE(n > 0);
  CHECK(std::string(got.data(), static_cast<std::size_t>(n)) == "READY=1");
  ::close(fd);
}

TEST_CASE("without a service manager nothing is sent") {
  ::unsetenv("NOTIFY_SOCKET");
  CHECK_FALSE(node::notify_service_manager("READY=1"));
}

}  // namespace notify_test
