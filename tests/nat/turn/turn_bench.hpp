// A TURN server machine with somebody who does as it says, and a client who knows how to ask it.
#pragma once

#include <doctest.h>

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "phyllo/stun/message_writer.hpp"
#include "turn/turn_server.hpp"

namespace turn_bench {

using namespace phyllo;
using namespace std::chrono_literals;
namespace type = stun::attribute_type;

inline core::endpoint at(const char* text) { return core::endpoint::parse(text).value(); }

// Does what a server's shell does, and remembers it.
class recorder final : public nat::turn_actions {
 public:
  struct to_client_ {
    nat::five_tuple to;
    core::bytes data;
  };
  struct to_peer_ {
    nat::relay_number from;
    core::endpoint peer;
    core::bytes data;
    bool whole = false;
  };
  void to_client(const nat::five_tuple& to, core::byte_view data) override { answers.push_back({to, core::to_bytes(data)}); }
  [[nodiscard]] bool sets_df() const noexcept override { return df; }
  void to_peer(nat::relay_number from, const core::endpoint& peer, core::byte_view data, bool whole) override {
    REQUIRE(open.contains(from));
    relayed.push_back({from, peer, core::to_bytes(data), whole});
  }
  bool open_relay(nat::relay_number n, const core::endpoint& where) override {
    REQUIRE_FALSE(open.contains(n));
    for (const auto& [other, e] : open) REQUIRE(e != where);
    if (taken.contains(where.port)) return false;
    open.emplace(n, where);
    return true;
  }
  void close_relay(nat::relay_number n) override { REQUIRE(open.erase(n) == 1); }

  std::vector<to_client_> answers;
  std::vector<to_peer_> relayed;
  std::map<nat::relay_number, core::endpoint> open;
  std::set<std::uint16_t> taken;  // by other programs
  bool df = false;
};

class user_book final : public nat::turn_credentials {
 public:
  std::optional<stun::long_term_key> key_of(std::string_view user, std::string_view realm, stun::password_algorithm a,
                                            core::wall_time) const override {
    const auto found = passwords.find(std::string(user));
    if (found == passwords.end()) return std::nullopt;
    return stun::make_long_term_key(a, user, realm, found->second);
  }
  [[nodiscard]] bool knows_names() const noexcept override { return true; }
  std::optional<std::string> user_of(const stun::user_hash& hash, std::string_view realm) const override {
    for (const auto& [user, password] : passwords) {
      if (stun::hash_of_user(user, realm) == hash) return user;
    }
    return std::nullopt;
  }
  std::map<std::string, std::string> passwords{{"alice", "secret"}, {"bob", "hidden"}};
};

inline nat::turn_settings settings() {
  nat::turn_settings s;
  s.realm = "example.org";
  s.relay_addresses = {at("198.51.100.9:0").address, at("[2001:db8::9]:0").address};
  s.limits.refusals_of_source = 100'000;
  return s;
}

struct answer {
  core::bytes octets;
  [[nodiscard]] stun::message_view view() const { return stun::message_view::parse(octets).value(); }
  [[nodiscard]] bool success() const { return view().kind() == stun::message_class::success; }
  // 0: a success.
  [[nodiscard]] int code() const {
    const auto value = view().find(type::error_code);
    return value ? stun::error_of(*value)->code : 0;
  }
};

using fill = std::function<void(stun::message_writer&)>;

class bench {
 public:
  explicit bench(nat::turn_settings s = settings(), nat::peer_policy::rules rules = {})
      : server(std::move(s), nat::peer_policy(std::move(rules)), users, done, metrics, {{1, 2}, {3, 4}, {5, 6}, {9, 9}, {7}, {8}}) {}

  [[nodiscard]] stun::transaction_id fresh() {
    stun::transaction_id id{};
    ++transactions_;
    for (std::size_t i = 0; i < 4; ++i) id[i] = static_cast<std::uint8_t>(transactions_ >> (8 * i));
    return id;
  }
  // What comes of such octets: nullopt is no answer.
  std::optional<answer> tell(const core::bytes& octets) {
    done.answers.clear();
    server.on_message(client, octets, now, wall);
    if (done.answers.empty()) return std::nullopt;
    CHECK(done.answers.size() == 1);
    return answer{done.answers.front().data};
  }
  [[nodiscard]] core::bytes plain(stun::method m, const fill& f = {}, stun::message_class c = stun::message_class::request) {
    core::bytes out(3000);
    stun::message_writer w(out, m, c, fresh());
    if (f) f(w);
    out.resize(w.done().size());
    return out;
  }
  [[nodiscard]] std::string nonce() {
    const auto refused = tell(plain(stun::method::allocate));
    REQUIRE(refused.has_value());
    REQUIRE(refused->code() == 401);
    return std::string(core::as_text(*refused->view().find(type::nonce)));
  }
  [[nodiscard]] core::bytes guarded(stun::method m, const fill& f, const std::string& with_nonce) {
    core::bytes out(3000);
    stun::message_writer w(out, m, stun::message_class::request, fresh());
    if (f) f(w);
    w.add_text(type::username, user);
    w.add_text(type::realm, "example.org");
    w.add_text(type::nonce, with_nonce);
    w.add_integrity(stun::make_long_term_key(stun::password_algorithm::md5, user, "example.org", users.passwords[user]).octets());
    out.resize(w.done().size());
    return out;
  }
  // A request with credentials.
  answer ask(stun::method m, const fill& f = {}) {
    auto out = tell(guarded(m, f, nonce()));
    REQUIRE(out.has_value());
    return *out;
  }
  answer allocate(const fill& f = {}) {
    return ask(stun::method::allocate, [&](stun::message_writer& w) {
      w.add_octet(type::requested_transport, 17);
      if (f) f(w);
    });
  }
  answer permit(const core::endpoint& peer) {
    return ask(stun::method::create_permission, [&](stun::message_writer& w) { w.add_xor_address(type::xor_peer_address, peer); });
  }
  answer bind(std::uint16_t number, const core::endpoint& peer) {
    return ask(stun::method::channel_bind, [&](stun::message_writer& w) {
      w.add_number16(type::channel_number, number);
      w.add_xor_address(type::xor_peer_address, peer);
    });
  }
  answer connect(const core::endpoint& peer) {
    return ask(stun::method::connect, [&](stun::message_writer& w) { w.add_xor_address(type::xor_peer_address, peer); });
  }
  void send(const core::endpoint& peer, std::string_view data) {
    tell(plain(
        stun::method::send,
        [&](stun::message_writer& w) {
          w.add_xor_address(type::xor_peer_address, peer);
          w.add_text(type::data, data);
        },
        stun::message_class::indication));
  }
  [[nodiscard]] std::uint64_t dropped(const std::string& reason) { return metrics.drops()[reason]; }

  core::metrics metrics;
  user_book users;
  recorder done;
  nat::turn_server server;
  core::time_point now{1000h};
  core::wall_time wall{500'000h};
  nat::five_tuple client{at("192.0.2.1:5000"), at("198.51.100.9:3478"), nat::client_transport::udp};
  std::string user = "alice";

 private:
  std::uint32_t transactions_ = 0;
};

}  // namespace turn_bench
