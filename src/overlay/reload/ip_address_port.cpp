#include "reload/ip_address_port.hpp"

#include <algorithm>

namespace phyllo::overlay {
namespace {

constexpr std::uint8_t ipv4 = 1;
constexpr std::uint8_t ipv6 = 2;

template <class Address>
asio::ip::address read_address(core::wire_reader& r) {
  typename Address::bytes_type octets{};
  const auto data = r.take(octets.size());
  std::copy(data.begin(), data.end(), octets.begin());
  return Address(octets);
}

}  // namespace

void write_address_port(core::wire_writer& w, const transport::endpoint& e) {
  w.u8(e.address.is_v4() ? ipv4 : ipv6);
  const auto m = w.open(1);
  if (e.address.is_v4()) {
    w.raw(e.address.to_v4().to_bytes());
  } else {
    w.raw(e.address.to_v6().to_bytes());
  }
  w.u16(e.port);
  w.close(m);
}

transport::endpoint read_any_address_port(core::wire_reader& r) {
  const auto type = r.u8();
  core::wire_reader data(r.opaque(1));
  transport::endpoint e;
  if (type != ipv4 && type != ipv6) return e;
  if (type == ipv4) {
    e.address = read_address<asio::ip::address_v4>(data);
  } else {
    e.address = read_address<asio::ip::address_v6>(data);
  }
  e.port = data.u16();
  if (!data.done()) r.fail();
  return e;
}

transport::endpoint read_address_port(core::wire_reader& r) {
  auto first = r;
  const auto type = first.u8();
  if (type != ipv4 && type != ipv6) r.fail();
  return read_any_address_port(r);
}

}  // namespace phyllo::overlay
