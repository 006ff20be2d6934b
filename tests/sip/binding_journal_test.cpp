#include "sip/binding_journal.hpp"

#include <doctest.h>

namespace binding_journal_test {

using namespace phyllo;
using namespace phyllo::sip;
using namespace std::chrono_literals;

namespace {

binding bound(const char* contact, const std::string& instance = {}) {
  binding b;
  b.contact = uri::parse(contact).value();
  b.instance = instance;
  b.reg_id = instance.empty() ? 0 : 2;
  b.key = binding_key(b.instance, b.reg_id, b.contact);
  b.features = ";audio;x=\"a\tb%\"";
  b.q_thousandths = 700;
  b.call_id = "1234%\x01@phone";
  b.cseq = 77;
  b.path = {"<sip:token@192.0.2.1;lr;direct>", "<sip:edge.example.com;lr;ob>"};
  b.expires = core::from_unix_milliseconds(1'800'000'000'123);
  b.stored_until = core::from_unix_milliseconds(1'800'000'600'123);
  b.here = true;
  return b;
}

void check_same(const binding& a, const binding& b) {
  CHECK(a.key == b.key);
  CHECK(a.contact.text() == b.contact.text());
  CHECK(a.instance == b.instance);
  CHECK(a.reg_id == b.reg_id);
  CHECK(a.features == b.features);
  CHECK(a.q_thousandths == b.q_thousandths);
  CHECK(a.call_id == b.call_id);
  CHECK(a.cseq == b.cseq);
  CHECK(a.path == b.path);
  CHECK(a.expires == b.expires);
  CHECK(a.stored_until == b.stored_until);
  CHECK(b.here);
}

}  // namespace

TEST_CASE("what is written is read again, whatever stands in it") {
  binding_journal j;
  binding_journal::users all;
  all["alice@example.com"] = {bound("sip:alice@192.0.2.7:5070;transport=tcp"), bound("sips:a%20b@[2001:db8::1]", "<urn:uuid:7>")};
  all["b%b\n@example.com"] = {bound("sip:bob@192.0.2.8")};
  const auto c = j.take(all);
  CHECK(c.whole);
  const auto back = binding_journal::read(c.text);
  REQUIRE(back.size() == 2);
  REQUIRE(back.at("alice@example.com").size() == 2);
  check_same(all["alice@example.com"][0], back.at("alice@example.com")[0]);
  check_same(all["alice@example.com"][1], back.at("alice@example.com")[1]);
  check_same(all["b%b\n@example.com"][0], back.at("b%b\n@example.com")[0]);
}

TEST_CASE("changes follow, the last one of a user holds, and whoever has none is gone") {
  binding_journal j;
  auto text = j.take({}).text;
  CHECK(j.empty());
  j.note("alice@example.com", {bound("sip:alice@192.0.2.7")});
  j.note("bob@example.com", {bound("sip:bob@192.0.2.7")});
  j.note("alice@example.com", {bound("sip:alice@192.0.2.9"), bound("sip:alice@192.0.2.10")});
  j.note("bob@example.com", {});
  CHECK_FALSE(j.empty());
  const auto c = j.take({});
  CHECK_FALSE(c.whole);
  const auto back = binding_journal::read(text + c.text);
  REQUIRE(back.size() == 1);
  CHECK(back.at("alice@example.com").size() == 2);
}

TEST_CASE("a torn line and lines of other makes are left out") {
  binding_journal j;
  const auto text = j.take({{"alice@example.com", {bound("sip:alice@192.0.2.7"), bound("sip:alice@192.0.2.8")}}}).text;
  for (std::size_t n = 0; n < text.size(); ++n) CHECK(binding_journal::read(text.substr(0, n)).size() <= 1);
  CHECK(binding_journal::read(text.substr(0, text.size() - 1)).at("alice@example.com").size() == 1);
  CHECK(binding_journal::read("b\t1\n\nx\nu\nu\ta\tb\nb\ta\tb\tc\td\te\tf\tg\th\ti\n%").empty());
}

TEST_CASE("the file begins anew when far more is written than holds, and nothing is kept of what nobody takes") {
  binding_journal j;
  const binding_journal::users all{{"alice@example.com", {bound("sip:alice@192.0.2.7")}}};
  CHECK(j.take(all).whole);
  std::size_t appended = 0;
  bool whole = false;
  for (int i = 0; i < 100'000 && !whole; ++i) {
    j.note("alice@example.com", all.begin()->second);
    const auto c = j.take(all);
    whole = c.whole;
    if (!whole) appended += c.text.size();
  }
  CHECK(whole);
  CHECK(appended < 2U << 20U);
  for (int i = 0; i < 200'000; ++i) j.note("alice@example.com", all.begin()->second);
  const auto late = j.take(all);
  CHECK(late.whole);
  CHECK(late.text.size() < 1000);
}

}  // namespace binding_journal_test
