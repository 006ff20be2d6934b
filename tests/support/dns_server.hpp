// A DNS server that a test is itself, on loopback: its zone in memory, over UDP, and it can fail in several ways.
#pragma once

#include <algorithm>
#include <array>
#include <asio/ip/udp.hpp>
#include <map>
#include <string>
#include <vector>

#include "phyllo/core/wire.hpp"

namespace phyllo::testing {

inline constexpr std::uint16_t type_a = 1;
inline constexpr std::uint16_t type_aaaa = 28;
inline constexpr std::uint16_t type_srv = 33;
inline constexpr std::uint16_t type_naptr = 35;

inline core::bytes encoded(std::string_view name) {
  core::bytes out;
  core::wire_writer w(out);
  while (!name.empty()) {
    const auto dot = std::min(name.find('.'), name.size());
    w.opaque(1, core::as_bytes(name.substr(0, dot)));
    name.remove_prefix(std::min(dot + 1, name.size()));
  }
  w.u8(0);
  return out;
}

inline core::bytes srv_data(std::uint16_t priority, std::uint16_t weight, std::uint16_t port, std::string_view target) {
  core::bytes out;
  core::wire_writer w(out);
  w.u16(priority);
  w.u16(weight);
  w.u16(port);
  w.raw(encoded(target));
  return out;
}

inline core::bytes naptr_data(std::uint16_t order, std::string_view service, std::string_view replacement) {
  core::bytes out;
  core::wire_writer w(out);
  w.u16(order);
  w.u16(10);
  w.opaque(1, core::as_bytes("s"));
  w.opaque(1, core::as_bytes(service));
  w.opaque(1, {});
  w.raw(encoded(replacement));
  return out;
}

// An answer to `query` with these records, or an error.
inline core::bytes answer_to(core::byte_view query, const std::vector<core::bytes>& records, std::uint32_t ttl, std::uint8_t code) {
  core::bytes out = core::to_bytes(query.first(12));
  out[2] = 0x84;
  out[3] = code;
  out[7] = static_cast<std::uint8_t>(records.size());
  out[11] = 0;  // no EDNS
  std::size_t end = 12;
  while (query[end] != 0) end += query[end] + 1U;
  core::append(out, query.subspan(12, end + 5 - 12));
  core::wire_writer w(out);
  for (const auto& r : records) {
    w.u16(0xc00c);
    w.raw(query.subspan(end + 1, 4));
    w.u32(ttl);
    w.opaque(2, r);
  }
  return out;
}

class dns_server {
 public:
  dns_server(asio::io_context& io, const char* address) : socket_(io, {asio::ip::make_address(address), 5353}) { receive(); }

  std::map<std::pair<std::string, std::uint16_t>, std::vector<core::bytes>> zone;
  std::uint32_t ttl = 60;
  bool silent = false;
  bool broken = false;  // SERVFAIL
  int asked = 0;

 private:
  void receive() {
    socket_.async_receive_from(asio::buffer(buffer_), from_, [this](const asio::error_code& ec, std::size_t n) {
      if (ec) return;
      respond(core::byte_view(buffer_).first(n));
      receive();
    });
  }
  void respond(core::byte_view query) {
    ++asked;
    if (silent) return;
    core::wire_reader r(query.subspan(12));
    std::string name;
    for (auto label = r.opaque(1); !label.empty(); label = r.opaque(1))
      name += (name.empty() ? "" : ".") + std::string(core::as_text(label));
    const auto found = zone.find({name, r.u16()});
    const bool exists = std::ranges::any_of(zone, [&](const auto& e) { return e.first.first == name; });
    const std::uint8_t code = broken ? 2 : exists ? 0 : 3;
    const auto out = answer_to(query, found == zone.end() || broken ? std::vector<core::bytes>() : found->second, ttl, code);
    socket_.send_to(asio::buffer(out), from_);
  }

  asio::ip::udp::socket socket_;
  asio::ip::udp::endpoint from_;
  std::array<std::uint8_t, 1500> buffer_{};
};

}  // namespace phyllo::testing
