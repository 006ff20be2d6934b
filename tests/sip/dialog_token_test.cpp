#include "sip/dialog_token.hpp"

#include <doctest.h>

#include "token_fixture.hpp"

namespace dialog_token_test {

using namespace phyllo;
using namespace phyllo::testing;
using namespace phyllo::sip;

namespace {

const domain_secrets secrets({"example.com"}, ring_of_keys(1, 1));
const token_sealer sealer(secrets);

}  // namespace

TEST_CASE("a dialog's token gives back both ends, phones by address or connection, and nodes") {
  auto behind = phone_at("[2001:db8::1]:40000", protocol::tls, 0x1122334455667788);
  behind.user = user_hash("alice@example.com");
  auto elsewhere = phone_at("192.0.2.1:4000");
  elsewhere.listens = 5060;
  auto proxied = phone_at("192.0.2.9:1", protocol::tcp, 3);
  proxied.beyond = true;
  for (const auto& caller : {behind, elsewhere, proxied, on_node(2, "198.51.100.2:5061")}) {
    for (const auto& callee : {behind, on_node(3, "[2001:db8::2]:5061")}) {
      const auto t = token_of(caller, callee);
      CHECK(open_dialog_token(sealer, seal(sealer, t)) == t);
    }
  }
}

TEST_CASE("a path's token gives back the phone, and is none of a dialog") {
  path_token t;
  t.ends = noon_s;
  t.made_by = 5;
  t.phone = phone_at("192.0.2.1:5060");
  t.domain = "example.com";
  const auto text = seal(sealer, t);
  CHECK(open_path_token(sealer, text)->phone == t.phone);
  CHECK(open_path_token(sealer, text)->ends == noon_s);
  CHECK_FALSE(open_dialog_token(sealer, text));
  CHECK_FALSE(open_path_token(sealer, seal(sealer, token_of({}, {}))));
}

TEST_CASE("a token that was altered or cut in any place is none") {
  const auto text = seal(sealer, token_of(phone_at("192.0.2.1:5060"), on_node(2, "198.51.100.2:5061")));
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto changed = text;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    if (i + 1 < text.size()) CHECK_FALSE(open_dialog_token(sealer, changed));  // the last letter may hold unused bits
    CHECK_FALSE(open_dialog_token(sealer, text.substr(0, i)));
  }
  CHECK_FALSE(open_dialog_token(sealer, "alice"));
  CHECK_FALSE(open_dialog_token(sealer, std::string(5000, 'A')));
}

TEST_CASE("a token shows nothing of what it names, and fits into a user part") {
  auto text = seal(sealer, token_of(phone_at("192.0.2.1:5060"), phone_at("192.0.2.2:5060")));
  CHECK(text.size() < 125);
  CHECK(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == std::string::npos);
  auto other = seal(sealer, token_of(phone_at("192.0.2.1:5060"), phone_at("192.0.2.2:5061")));
  for (auto* t : {&text, &other}) t->erase(0, dialog_mark.size());
  CHECK(text.substr(0, 5) == other.substr(0, 5));  // use, generation and domain
  CHECK(text.substr(8, 8) != other.substr(8, 8));
}

TEST_CASE("every node that has the domain's key opens its tokens, also those of an older generation, until that is forgotten") {
  const auto t = token_of(phone_at("192.0.2.1:5060"), phone_at("192.0.2.2:5060"));
  const auto text = seal(sealer, t);
  const domain_secrets rotated({"example.com"}, ring_of_keys(1, 2));
  const domain_secrets later({"example.com"}, ring_of_keys(2, 3));
  CHECK(open_dialog_token(token_sealer(rotated), text) == t);
  CHECK_FALSE(open_dialog_token(token_sealer(later), text));
  CHECK(open_dialog_token(token_sealer(later), seal(token_sealer(rotated), t)) == t);
  const domain_secrets foreign({"example.org"}, ring_of_keys(1, 1));
  CHECK_FALSE(open_dialog_token(token_sealer(foreign), text));
  CHECK(seal(token_sealer(foreign), t).empty());
}

TEST_CASE("requests for an end go over its flow, to the port where it listens, or to its node") {
  auto e = phone_at("192.0.2.1:4000");
  CHECK(e.to().at.text() == "192.0.2.1:4000");
  e.listens = 5060;
  CHECK(e.to().at.text() == "192.0.2.1:5060");
  const auto stream = phone_at("192.0.2.1:4000", protocol::tcp, 9).to();
  CHECK(stream.flow == flow_id{9});
  CHECK(stream.flow_only);
  const auto other = on_node(2, "198.51.100.2:5061").to();
  CHECK(other.node == node(2));
  CHECK(other.by == protocol::tls);
}

}  // namespace dialog_token_test
