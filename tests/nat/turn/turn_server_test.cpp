#include "turn/turn_server.hpp"

#include <doctest.h>

#include "turn/turn_bench.hpp"

namespace turn_server_test {

using namespace turn_bench;

namespace {

fill family(std::uint16_t attribute, std::uint8_t value) {
  return [=](stun::message_writer& w) { w.add_octet(attribute, value); };
}

}  // namespace

TEST_CASE("a client that shows nothing is told realm, nonce and algorithms, and nothing is kept of it") {
  bench b;
  const auto refused = b.tell(b.plain(stun::method::allocate));
  REQUIRE(refused.has_value());
  CHECK(refused->code() == 401);
  CHECK(core::as_text(*refused->view().find(type::realm)) == "example.org");
  CHECK(stun::features_of(core::as_text(*refused->view().find(type::nonce))) ==
        (stun::feature_password_algorithms | stun::feature_username_anonymity));
  CHECK(core::to_hex(*refused->view().find(type::password_algorithms)) == "0002000000010000");
  CHECK_FALSE(refused->view().has(type::software));
  CHECK(stun::error_of(*refused->view().find(type::error_code))->reason.empty());
  CHECK(b.server.allocations() == 0);
  CHECK(b.done.open.empty());
  CHECK(refused->octets.size() <= 104);
}

TEST_CASE("420 names what is not known") {
  bench b;
  const auto got = b.ask(stun::method::refresh, [](stun::message_writer& w) {
    w.add_flag(0x7ffe);
    w.add_flag(0x7ffd);
  });
  std::array<std::uint16_t, 4> types{};
  REQUIRE(got.code() == 420);
  CHECK(stun::types_of(*got.view().find(type::unknown_attributes), types) == 2);
  CHECK(types[0] == 0x7ffe);
}

TEST_CASE("who is not who he says: the codes of RFC 8489 s.9.2.4") {
  bench b;
  REQUIRE(b.allocate().success());
  const auto key = stun::make_long_term_key(stun::password_algorithm::md5, "alice", "example.org", "secret");
  const auto sha_key = stun::make_long_term_key(stun::password_algorithm::sha256, "alice", "example.org", "secret");
  const auto nonce = b.nonce();
  const auto ask = [&](const fill& f) { return b.tell(b.plain(stun::method::refresh, f))->code(); };
  const auto name = [&](stun::message_writer& w, std::string_view user, std::string_view realm, std::string_view n) {
    w.add_text(type::username, user);
    w.add_text(type::realm, realm);
    w.add_text(type::nonce, n);
  };
  const std::array<stun::password_algorithm, 2> offered{stun::password_algorithm::sha256, stun::password_algorithm::md5};
  const std::array<stun::password_algorithm, 1> bid_down{stun::password_algorithm::md5};
  CHECK(ask([&](auto& w) { name(w, "alice", "example.org", nonce), w.add_integrity(key.octets()); }) == 0);
  CHECK(ask([&](auto& w) { name(w, "alice", "example.org", nonce); }) == 401);
  CHECK(ask([&](auto& w) { w.add_integrity(key.octets()); }) == 400);
  CHECK(ask([&](auto& w) { name(w, "alice", "example.org", nonce), w.add_integrity(core::as_bytes("wrong")); }) == 401);
  CHECK(ask([&](auto& w) { name(w, "mallory", "example.org", nonce), w.add_integrity(key.octets()); }) == 401);
  CHECK(ask([&](auto& w) { name(w, "alice", "example.net", nonce), w.add_integrity(key.octets()); }) == 401);
  CHECK(ask([&](auto& w) { name(w, "alice", "example.org", "invented"), w.add_integrity(key.octets()); }) == 438);
  CHECK(ask([&](auto& w) {
          name(w, "alice", "example.org", nonce), w.add_algorithm(stun::password_algorithm::sha256), w.add_algorithms(offered);
          w.add_integrity_sha256(sha_key.octets());
        }) == 0);
  CHECK(ask([&](auto& w) {
          name(w, "alice", "example.org", nonce), w.add_algorithm(stun::password_algorithm::sha256);
          w.add_integrity_sha256(sha_key.octets());
        }) == 400);
  CHECK(ask([&](auto& w) {
          name(w, "alice", "example.org", nonce), w.add_algorithm(stun::password_algorithm::md5), w.add_algorithms(bid_down);
          w.add_integrity(key.octets());
        }) == 400);
}

TEST_CASE("SHA-256 and USERHASH: the answer is guarded by MESSAGE-INTEGRITY-SHA256") {
  bench b;
  const auto key = stun::make_long_term_key(stun::password_algorithm::sha256, "alice", "example.org", "secret");
  const std::array<stun::password_algorithm, 2> offered{stun::password_algorithm::sha256, stun::password_algorithm::md5};
  const auto nonce = b.nonce();
  const auto got = b.tell(b.plain(stun::method::allocate, [&](stun::message_writer& w) {
    w.add_octet(type::requested_transport, 17);
    w.add(type::userhash, stun::hash_of_user("alice", "example.org"));
    w.add_text(type::realm, "example.org");
    w.add_text(type::nonce, nonce);
    w.add_algorithm(stun::password_algorithm::sha256);
    w.add_algorithms(offered);
    w.add_integrity_sha256(key.octets());
    w.add_fingerprint();
  }));
  REQUIRE(got.has_value());
  CHECK(got->success());
  CHECK(got->view().verify_sha256(key.octets()));
  CHECK(got->view().has_fingerprint());
}

TEST_CASE("an old nonce is stale, and the answer has the next one") {
  auto s = settings();
  s.nonce_lifetime = 60s;
  bench b(s);
  const auto old = b.nonce();
  b.now += 61s;
  const auto got = b.tell(b.guarded(stun::method::allocate, family(type::requested_transport, 17), old));
  REQUIRE(got->code() == 438);
  const std::string fresh(core::as_text(*got->view().find(type::nonce)));
  CHECK(b.tell(b.guarded(stun::method::allocate, family(type::requested_transport, 17), fresh))->success());
}

TEST_CASE("requests without an allocation are refused with 437, another user's with 441") {
  for (const auto m : {stun::method::refresh, stun::method::create_permission, stun::method::channel_bind, stun::method::connect}) {
    bench b;
    CHECK(b.ask(m).code() == 437);
    REQUIRE(b.allocate().success());
    b.user = "bob";
    CHECK(b.ask(m).code() == 441);
  }
}

TEST_CASE("quotas: 486 for users and addresses, 508 where all is taken; what ends makes room") {
  auto s = settings();
  s.limits.allocations = 4;
  s.limits.allocations_of_user = 2;
  s.limits.allocations_of_address = 3;
  bench b(s);
  const auto allocate = [&](const char* user, const char* from) {
    b.user = user;
    b.client.client = at(from);
    return b.allocate().code();
  };
  CHECK(allocate("alice", "192.0.2.1:1") == 0);
  CHECK(allocate("alice", "192.0.2.1:2") == 0);
  CHECK(allocate("alice", "192.0.2.1:3") == 486);
  CHECK(allocate("bob", "192.0.2.1:4") == 0);
  CHECK(allocate("bob", "192.0.2.1:5") == 486);
  CHECK(allocate("bob", "192.0.2.2:5") == 0);
  b.users.passwords["carol"] = "x";
  CHECK(allocate("carol", "192.0.2.3:1") == 508);
  b.server.at(b.now + 1h);
  CHECK(b.done.open.empty());
  CHECK(allocate("carol", "192.0.2.3:1") == 0);
}

TEST_CASE("answers to clients that have shown nothing are few: so many a second for each source") {
  auto s = settings();
  s.limits.refusals_of_source = 10;
  bench b(s);
  int answered = 0;
  for (int i = 0; i < 1000; ++i) answered += b.tell(b.plain(stun::method::allocate)).has_value() ? 1 : 0;
  CHECK(answered <= 10);
  CHECK(answered > 0);
  CHECK(b.dropped("turn_refusal_limited") == 1000U - static_cast<unsigned>(answered));
  b.client.client = at("203.0.113.7:1");
  CHECK(b.tell(b.plain(stun::method::allocate)).has_value());
}

TEST_CASE("noise, answers and indications from a client are dropped by reason") {
  bench b;
  CHECK_FALSE(b.tell({1, 2, 3}).has_value());
  CHECK(b.dropped("turn_malformed") == 1);
  CHECK_FALSE(b.tell(b.plain(stun::method::allocate, {}, stun::message_class::success)).has_value());
  CHECK_FALSE(b.tell(b.plain(stun::method::data, {}, stun::message_class::indication)).has_value());
  CHECK_FALSE(b.tell(b.plain(stun::method::binding)).has_value());
  CHECK(b.dropped("turn_unexpected") == 3);
}

TEST_CASE("an allocation ends with its stream") {
  bench b;
  b.client.transport = nat::client_transport::tcp;
  REQUIRE(b.allocate().success());
  b.server.on_client_gone(b.client);
  CHECK(b.server.allocations() == 0);
  CHECK(b.done.open.empty());
}

}  // namespace turn_server_test
