// A TURN server under a sequence of requests, valid ones, broken ones and noise, of a few clients, with time passing: what must hold.
#pragma once

#include <array>
#include <cstdlib>
#include <map>
#include <string>

#include "phyllo/stun/message_writer.hpp"
#include "turn/turn_server.hpp"

namespace nat_turn {

using namespace phyllo;
using namespace std::chrono_literals;
namespace type = stun::attribute_type;

inline void must(bool so) {
  if (!so) std::abort();
}

// Whoever knows a name knows the password.
class everybody final : public nat::turn_credentials {
 public:
  std::optional<stun::long_term_key> key_of(std::string_view user, std::string_view realm, stun::password_algorithm a,
                                            core::wall_time) const override {
    if (user != "a" && user != "b") return std::nullopt;
    return stun::make_long_term_key(a, user, realm, "p");
  }
  std::optional<std::string> user_of(const stun::user_hash&, std::string_view) const override { return std::nullopt; }
};

// What a shell relies on: ports are opened and closed in turn, and nothing is sent from one that is closed or to a denied peer.
class watcher final : public nat::turn_actions {
 public:
  void to_client(const nat::five_tuple&, core::byte_view data) override {
    must(!data.empty() && data.size() <= 65'535 + 128);
    const auto m = stun::message_view::parse(data);
    if (m && m->kind() == stun::message_class::error) {
      if (const auto n = m->find(type::nonce)) nonce = core::as_text(*n);
    }
    if (m && m->has(type::mobility_ticket)) ticket = core::to_bytes(*m->find(type::mobility_ticket));
    if (m && m->has(type::reservation_token)) token = stun::number64_of(*m->find(type::reservation_token)).value();
    if (!m) must(data[0] >= 64 && data[0] <= 127);
  }
  void to_peer(nat::relay_number from, const core::endpoint& peer, core::byte_view, bool) override {
    must(open.contains(from) && peer.address == allowed && peer.port != 0);
    must(open.at(from).address.is_v4() == peer.address.is_v4());
  }
  bool open_relay(nat::relay_number n, const core::endpoint& at) override {
    if (at.port % 5 == 0) return false;
    must(open.emplace(n, at).second);
    return true;
  }
  void close_relay(nat::relay_number n) override { must(open.erase(n) == 1); }

  const asio::ip::address allowed = asio::ip::make_address("8.8.8.8");
  std::map<nat::relay_number, core::endpoint> open;
  std::string nonce;
  core::bytes ticket;
  std::uint64_t token = 0;
};

class sequence {
 public:
  explicit sequence(core::byte_view input)
      : input_(input), server_(settings(), nat::peer_policy({}), users_, done_, metrics_, {{1, 2}, {3, 4}, {5, 6}, {9, 9}, {7}, {8}}) {}

  void run() {
    while (!input_.empty()) {
      step();
      must(server_.allocations() <= 4 && server_.relays() == done_.open.size() && done_.open.size() <= 8);
    }
    now_ += 2h;
    server_.at(now_);
    must(server_.allocations() == 0 && done_.open.empty() && server_.next() == std::nullopt);
  }

 private:
  static nat::turn_settings settings() {
    nat::turn_settings s;
    s.realm = "r";
    s.relay_addresses = {asio::ip::make_address("198.51.100.9"), asio::ip::make_address("2001:db8::9")};
    s.port_first = 50000;
    s.port_last = 50063;
    s.limits.allocations = 4;
    s.limits.allocations_of_user = 3;
    s.limits.permissions = s.limits.channels = 3;
    s.limits.bytes_per_second = 100'000;
    s.limits.refusals_of_source = 1000;
    return s;
  }
  std::uint8_t octet() {
    if (input_.empty()) return 0;
    const auto out = input_[0];
    input_ = input_.subspan(1);
    return out;
  }
  core::byte_view some() {
    const std::size_t wanted = octet();  // before the size of what is left is asked
    const auto n = std::min(wanted, input_.size());
    const auto out = input_.first(n);
    input_ = input_.subspan(n);
    return out;
  }
  core::endpoint peer() {
    static const std::array<const char*, 8> all{"8.8.8.8",  "8.8.8.8", "8.8.8.8",        "127.0.0.1",
                                                "10.0.0.1", "::1",     "::ffff:8.8.8.8", "2001:db8::1"};
    const auto n = octet();
    return {asio::ip::make_address(all[n % all.size()]), static_cast<std::uint16_t>(n / 16)};
  }
  nat::five_tuple client() {
    const auto n = octet();
    const auto transport = (n & 4) != 0 ? nat::client_transport::tcp : nat::client_transport::udp;
    return {{asio::ip::make_address("192.0.2.1"), static_cast<std::uint16_t>(1000 + n % 4)},
            {asio::ip::make_address("198.51.100.9"), 3478},
            transport};
  }
  void attribute(stun::message_writer& w) {
    switch (octet() % 14) {
      case 0: return w.add_octet(type::requested_transport, 17);
      case 1: return w.add_octet(type::even_port, octet());
      case 2: return w.add_number64(type::reservation_token, done_.token);
      case 3: return w.add_octet(type::requested_address_family, octet() % 4);
      case 4: return w.add_octet(type::additional_address_family, octet() % 4);
      case 5: return w.add_number32(type::lifetime, octet() * 40U);
      case 6: return w.add_xor_address(type::xor_peer_address, peer());
      case 7: return w.add_number16(type::channel_number, static_cast<std::uint16_t>(0x3fff + octet() % 6));
      case 8: return w.add(type::data, some());
      case 9: return w.add(type::mobility_ticket, octet() % 2 == 0 ? core::byte_view(done_.ticket) : core::byte_view());
      case 10: return w.add_flag(type::dont_fragment);
      case 11: return w.add(static_cast<std::uint16_t>(octet() << 8 | octet()), some());
      default: return w.add_octet(type::requested_transport, 17);
    }
  }
  void message() {
    static constexpr std::array<stun::method, 7> methods{
        stun::method::allocate,     stun::method::refresh, stun::method::send, stun::method::create_permission,
        stun::method::channel_bind, stun::method::connect, stun::method::data};
    const auto what = octet();
    const auto from = client();
    std::array<std::uint8_t, 3000> room;
    room.fill(0xee);
    const auto m = methods[what % methods.size()];
    const bool indication = m == stun::method::send || what >= 250;
    stun::message_writer w(room, m, indication ? stun::message_class::indication : stun::message_class::request, {++transactions_, 1});
    if (m == stun::method::allocate && what % 2 == 0) w.add_octet(type::requested_transport, 17);
    for (int n = octet() % 4; n > 0; --n) attribute(w);
    if (!indication && what < 220) sign(w, what < 120 ? "a" : "b");
    server_.on_message(from, w.done(), now_, {});
  }
  void sign(stun::message_writer& w, const char* user) {
    w.add_text(type::username, user);
    w.add_text(type::realm, "r");
    w.add_text(type::nonce, done_.nonce);
    w.add_integrity(stun::make_long_term_key(stun::password_algorithm::md5, user, "r", "p").octets());
  }
  void step() {
    const auto what = octet();
    if (what < 170) return message();
    if (what < 190) return server_.on_channel_data(client(), some(), now_);
    if (what < 210) return server_.on_peer(octet() % 10, peer(), some(), now_);
    if (what < 220) return server_.on_icmp(octet() % 10, peer(), {3, 3, 0}, now_);
    if (what < 230) return server_.on_client_gone(client());
    if (what < 240) return server_.on_message(client(), some(), now_, {});
    now_ += std::chrono::seconds(octet());
    server_.at(now_);
  }

  core::byte_view input_;
  core::metrics metrics_;
  everybody users_;
  watcher done_;
  nat::turn_server server_;
  core::time_point now_{1000h};
  std::uint8_t transactions_ = 0;
};

}  // namespace nat_turn
