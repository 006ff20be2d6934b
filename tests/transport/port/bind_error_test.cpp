#include "transport/port/bind_error.hpp"

#include <doctest.h>

namespace bind_error_test {

using namespace phyllo;

TEST_CASE("why a port could not be opened is told with what, where and what to do") {
  const transport::endpoint at{asio::ip::make_address("192.0.2.1"), 443};
  const auto used = transport::explain_bind("TCP", at, asio::error::address_in_use);
  CHECK(used == transport::errc::address_in_use);
  CHECK(used.message().find("TCP 192.0.2.1:443: another process listens there") != std::string::npos);
  const auto denied = transport::explain_bind("UDP", at, asio::error::access_denied);
  CHECK(denied == transport::errc::not_permitted);
  CHECK(denied.message().find("CAP_NET_BIND_SERVICE") != std::string::npos);
  const auto other = transport::explain_bind("UDP", at, asio::error::network_down);
  CHECK(other == transport::errc::refused);
  CHECK(other.message().find(make_error_code(asio::error::network_down).message()) != std::string::npos);
}

}  // namespace bind_error_test
