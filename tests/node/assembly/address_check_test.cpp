#include "assembly/address_check.hpp"

#include <doctest.h>

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ip/udp.hpp>
#include <asio/local/stream_protocol.hpp>

#include "support/temporary_directory.hpp"

namespace address_check_test {

using namespace phyllo;

namespace {

struct checked {
  testing::temporary_directory d;
  asio::io_context io;
  node::configuration c;
  checked() {
    c.node.data_directory = d.path();
    c.node.address = "127.61.0.1";
    c.admin.address = "127.61.0.1";
    c.admin.port = 0;
    c.ports = {0, 0, 0, 0, 0, 0};
  }
  std::vector<std::string> errors() {
    node::findings out;
    node::check_addresses(c, out);
    return out.errors;
  }
};

}  // namespace

TEST_CASE_FIXTURE(checked, "an address of this machine with free ports has no fault") { CHECK(errors().empty()); }

TEST_CASE_FIXTURE(checked, "an address that is another machine's is named with its key, and what NAT has to do with it") {
  c.node.address = "203.0.113.99";
  c.node.further_addresses = {"203.0.113.98"};
  c.admin.address = "203.0.113.97";
  const auto found = errors();
  REQUIRE(found.size() == 3);
  CHECK(found[0].starts_with("node.address: 203.0.113.99 is no address of this machine"));
  CHECK(found[0].find("node.advertised_address") != std::string::npos);
  CHECK(found[1].starts_with("node.further_addresses: 203.0.113.98"));
  CHECK(found[2].starts_with("admin.address: 203.0.113.97"));
}

TEST_CASE_FIXTURE(checked, "a port that another program has is named with its protocol") {
  asio::ip::udp::socket udp(io, {asio::ip::make_address("127.61.0.1"), 0});
  asio::ip::tcp::acceptor tcp(io, {asio::ip::make_address("127.61.0.1"), 0});
  c.ports.reload = udp.local_endpoint().port();
  c.ports.sips = tcp.local_endpoint().port();
  const auto found = errors();
  REQUIRE(found.size() == 2);
  CHECK(found[0].starts_with("ports.reload: UDP " + std::to_string(c.ports.reload) + " of 127.61.0.1: another program listens there"));
  CHECK(found[1].starts_with("ports.sips: TCP " + std::to_string(c.ports.sips)));
}

TEST_CASE_FIXTURE(checked, "while a node runs here the ports are its own") {
  asio::ip::tcp::acceptor tcp(io, {asio::ip::make_address("127.61.0.1"), 0});
  c.ports.http = tcp.local_endpoint().port();
  CHECK(errors().size() == 1);
  asio::local::stream_protocol::acceptor admin(io, asio::local::stream_protocol::endpoint(c.admin_socket()));
  CHECK(errors().empty());
  c.node.address = "203.0.113.99";  // what is no address of this machine is told all the same
  CHECK(errors().size() == 1);
}

}  // namespace address_check_test
