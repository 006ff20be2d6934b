#include "sip/binding_table.hpp"

#include <doctest.h>

namespace binding_table_test {

using namespace phyllo;
using namespace phyllo::sip;
using namespace std::chrono_literals;

namespace {

const core::wall_time noon = core::from_unix_milliseconds(1'767'225'600'000);
const std::string alice = "alice@example.com";

binding phone(const char* contact, std::chrono::seconds left, bool here = true) {
  binding b;
  b.contact = uri::parse(contact).value();
  b.key = binding_key({}, 0, b.contact);
  b.expires = noon + left;
  b.here = here;
  b.call_id = "i";
  b.cseq = 4;
  return b;
}

std::vector<std::string> contacts(const std::vector<binding>& bindings) {
  std::vector<std::string> out;
  for (const auto& b : bindings) out.push_back(b.contact.text());
  return out;
}

using texts = std::vector<std::string>;

}  // namespace

TEST_CASE("only bindings of this node are kept, until they expire") {
  binding_table t;
  t.replace(alice, {phone("sip:a@192.0.2.1", 60s), phone("sip:a@192.0.2.2", 90s, false), phone("sip:a@192.0.2.3", 120s)});
  CHECK(t.size() == 2);
  CHECK(contacts(t.here(alice, noon)) == texts{"sip:a@192.0.2.1", "sip:a@192.0.2.3"});
  CHECK(contacts(t.here(alice, noon + 59s)).size() == 2);
  CHECK(contacts(t.here(alice, noon + 60s)) == texts{"sip:a@192.0.2.3"});
  CHECK(t.here("bob@example.com", noon).empty());
}

TEST_CASE("what the overlay has of ours is completed from here, and what it has not is forgotten") {
  binding_table t;
  t.replace(alice, {phone("sip:a@192.0.2.1", 60s), phone("sip:a@192.0.2.3", 60s)});
  auto learnt = phone("sip:a@192.0.2.1", 600s);
  learnt.call_id.clear();
  learnt.stored_until = noon + 1200s;
  const auto elsewhere = phone("sip:a@192.0.2.9", 600s, false);
  const auto all = t.merged(alice, {learnt, elsewhere}, noon);
  REQUIRE(all.size() == 2);
  CHECK(all[0].call_id == "i");
  CHECK(all[0].cseq == 4);
  CHECK(all[0].expires == noon + 60s);         // as the phone was promised
  CHECK(all[0].stored_until == noon + 1200s);  // as the record says
  CHECK(all[1].contact.text() == "sip:a@192.0.2.9");
}

TEST_CASE("a record that another registrar has written since is not completed") {
  binding_table t;
  t.replace(alice, {phone("sip:a@192.0.2.1", 60s)});
  auto taken = phone("sip:a@192.0.2.1", 600s, false);
  taken.call_id.clear();
  CHECK(t.merged(alice, {taken}, noon).at(0).call_id.empty());
}

TEST_CASE("what has expired is taken out in order, so many at a time") {
  binding_table t;
  t.replace(alice, {phone("sip:a@192.0.2.1", 30s), phone("sip:a@192.0.2.2", 10s)});
  t.replace("bob@example.com", {phone("sip:b@192.0.2.3", 20s)});
  CHECK(t.take_expired(noon + 9s, 10).empty());
  const auto first = t.take_expired(noon + 20s, 1);
  REQUIRE(first.size() == 1);
  CHECK(first[0].first == alice);
  CHECK(first[0].second.contact.text() == "sip:a@192.0.2.2");
  const auto second = t.take_expired(noon + 20s, 10);
  REQUIRE(second.size() == 1);
  CHECK(second[0].first == "bob@example.com");
  CHECK(t.users() == texts{alice});
  CHECK(t.take_expired(noon + 30s, 10).size() == 1);
  CHECK(t.users().empty());
  CHECK(t.size() == 0);
}

TEST_CASE("a refreshed binding expires at its new time, not at its old one") {
  binding_table t;
  t.replace(alice, {phone("sip:a@192.0.2.1", 10s)});
  t.replace(alice, {phone("sip:a@192.0.2.1", 100s)});
  CHECK(t.size() == 1);
  CHECK(t.take_expired(noon + 10s, 10).empty());
  CHECK(t.take_expired(noon + 100s, 10).size() == 1);
}

TEST_CASE("a user whose bindings are replaced by none is gone, and the journal hears it once") {
  binding_table t;
  t.replace("nobody@example.com", {});
  t.replace(alice, {phone("sip:a@192.0.2.1", 10s)});
  (void)t.take_changes(false);
  t.replace("nobody@example.com", {});
  CHECK(t.take_changes(false).text.empty());
  t.replace(alice, {});
  CHECK(t.take_changes(false).text.find(alice) != std::string::npos);
  CHECK(t.users().empty());
}

TEST_CASE("what is restored expires as it would have, also what has done so meanwhile") {
  binding_table t;
  t.restore({{alice, {phone("sip:a@192.0.2.1", -5s)}}, {"bob@example.com", {phone("sip:b@192.0.2.2", 5s)}}});
  CHECK(t.here(alice, noon).empty());
  CHECK(t.take_expired(noon, 10).size() == 1);
  CHECK(t.users() == texts{"bob@example.com"});
}

}  // namespace binding_table_test
