#include "sip/registration.hpp"

#include <doctest.h>

#include <algorithm>

namespace registration_test {

using namespace phyllo;
using namespace phyllo::sip;
using namespace std::chrono_literals;

namespace {

const core::wall_time noon = core::from_unix_milliseconds(1'767'225'600'000);
const registration_settings limits;

requested_contact asked(const char* text, std::optional<std::uint32_t> expires = {}, const char* instance = "", std::uint32_t reg_id = 0) {
  return {uri::parse(text).value(), 1000, expires, instance, reg_id};
}

registration_request request(std::uint32_t cseq, std::vector<requested_contact> contacts, const char* call_id = "c1") {
  registration_request r;
  r.call_id = call_id;
  r.cseq = cseq;
  r.contacts = std::move(contacts);
  r.path = {"<sip:token@192.0.2.1;lr>"};
  return r;
}

registration_plan plan(const registration_request& r, const std::vector<binding>& current = {}, core::wall_time now = noon) {
  return plan_registration(r, current, limits, now);
}

}  // namespace

TEST_CASE("a first REGISTER binds its contact for the default time and stores a record that lives twice as long") {
  const auto p = plan(request(1, {asked("sip:alice@192.0.2.9:5060")}));
  CHECK(p.status == 200);
  REQUIRE(p.store.size() == 1);
  CHECK(p.remove.empty());
  CHECK(p.bindings.at(0).expires == noon + 3600s);
  CHECK(p.bindings.at(0).here);
  CHECK(p.store.at(0).stored_until == noon + 7200s);
  CHECK(p.store.at(0).path == std::vector<std::string>{"<sip:token@192.0.2.1;lr>"});
}

TEST_CASE("the contact's expiry goes before the header field's, and neither beyond the maximum") {
  auto r = request(1, {asked("sip:a@192.0.2.9", 120), asked("sip:b@192.0.2.9"), asked("sip:c@192.0.2.9", 4'000'000)});
  r.expires = 600;
  const auto p = plan(r);
  CHECK(p.bindings.at(0).expires == noon + 120s);
  CHECK(p.bindings.at(1).expires == noon + 600s);
  CHECK(p.bindings.at(2).expires == noon + 43'200s);
  CHECK(p.bindings.at(2).stored_until == noon + 86'400s);
}

TEST_CASE("an expiry that is too brief is answered 423 with the least one, and changes nothing") {
  const auto p = plan(request(1, {asked("sip:a@192.0.2.9", 59)}));
  CHECK(p.status == 423);
  CHECK(p.min_expires == 60s);
  CHECK(p.store.empty());
  CHECK(plan(request(1, {asked("sip:a@192.0.2.9", 60)})).status == 200);
}

TEST_CASE("a refresh in the first half of the record's life writes nothing, in the second half it does") {
  const auto first = plan(request(1, {asked("sip:a@192.0.2.9")}));
  const auto early = plan(request(2, {asked("sip:a@192.0.2.9")}), first.bindings, noon + 3500s);
  CHECK(early.status == 200);
  CHECK(early.store.empty());
  CHECK(early.bindings.at(0).expires == noon + 7100s);
  CHECK(early.bindings.at(0).stored_until == noon + 7200s);
  const auto late = plan(request(3, {asked("sip:a@192.0.2.9")}), early.bindings, noon + 3601s);
  CHECK(late.store.size() == 1);
}

TEST_CASE("a refresh over another flow, or with another q, is written at once") {
  const auto first = plan(request(1, {asked("sip:a@192.0.2.9")}));
  auto moved = request(2, {asked("sip:a@192.0.2.9")});
  moved.path = {"<sip:other@192.0.2.1;lr>"};
  CHECK(plan(moved, first.bindings, noon + 1s).store.size() == 1);
  auto lower = request(2, {asked("sip:a@192.0.2.9")});
  lower.contacts.at(0).q_thousandths = 500;
  CHECK(plan(lower, first.bindings, noon + 1s).store.size() == 1);
}

TEST_CASE("a binding that another registrar wrote is taken over by a REGISTER here") {
  auto elsewhere = plan(request(1, {asked("sip:a@192.0.2.9")})).bindings;
  elsewhere.at(0).here = false;
  elsewhere.at(0).call_id.clear();
  const auto p = plan(request(1, {asked("sip:a@192.0.2.9")}), elsewhere, noon + 1s);
  CHECK(p.store.size() == 1);
  CHECK(p.bindings.size() == 1);
  CHECK(p.bindings.at(0).here);
}

TEST_CASE("a lower or equal CSeq of the same Call-ID fails and changes nothing; of another Call-ID it does not") {
  const auto first = plan(request(5, {asked("sip:a@192.0.2.9")}));
  CHECK(plan(request(5, {asked("sip:a@192.0.2.9")}), first.bindings).status == 500);
  CHECK(plan(request(4, {asked("sip:a@192.0.2.9", 0)}), first.bindings).status == 500);
  CHECK(plan(request(1, {asked("sip:a@192.0.2.9")}, "c2"), first.bindings).status == 200);
}

TEST_CASE("expiry 0 unbinds the contact and removes its record") {
  const auto first = plan(request(1, {asked("sip:a@192.0.2.9"), asked("sip:b@192.0.2.9")}));
  const auto p = plan(request(2, {asked("sip:a@192.0.2.9", 0)}), first.bindings);
  CHECK(p.bindings.size() == 1);
  CHECK(p.remove == std::vector<overlay::binding>{first.bindings.at(0).key});
  CHECK(p.store.empty());
}

TEST_CASE("the star unbinds all, but only alone and with Expires 0") {
  const auto first = plan(request(1, {asked("sip:a@192.0.2.9"), asked("sip:b@192.0.2.9")}));
  auto r = request(2, {});
  r.star = true;
  CHECK(plan(r, first.bindings).status == 400);
  r.expires = 0;
  const auto p = plan(r, first.bindings);
  CHECK(p.status == 200);
  CHECK(p.remove.size() == 2);
  CHECK(p.bindings.empty());
  r.contacts.push_back(asked("sip:c@192.0.2.9"));
  CHECK(plan(r, first.bindings).status == 400);
}

TEST_CASE("a phone with an instance replaces its own binding when its address changes") {
  const auto first = plan(request(1, {asked("sip:a@192.0.2.9:1000", {}, "<urn:uuid:1>", 1)}));
  const auto p = plan(request(2, {asked("sip:a@198.51.100.7:2000", {}, "<urn:uuid:1>", 1)}), first.bindings);
  CHECK(p.bindings.size() == 1);
  CHECK(p.store.at(0).key == first.bindings.at(0).key);
  CHECK(p.remove.empty());
  const auto second_flow = plan(request(2, {asked("sip:a@192.0.2.9:1001", {}, "<urn:uuid:1>", 2)}), first.bindings);
  CHECK(second_flow.bindings.size() == 2);
}

TEST_CASE("an equal URI in other words replaces the binding and removes the record under the old words") {
  const auto first = plan(request(1, {asked("sip:a@PHONE.example.com")}));
  const auto p = plan(request(2, {asked("sip:a@phone.example.com")}), first.bindings);
  CHECK(p.bindings.size() == 1);
  CHECK(p.remove == std::vector<overlay::binding>{first.bindings.at(0).key});
  CHECK(p.store.size() == 1);
}

TEST_CASE("a user has a bounded number of contacts") {
  std::vector<requested_contact> many;
  for (int i = 0; i < 11; ++i) many.push_back(asked(("sip:a@192.0.2.9:" + std::to_string(6000 + i)).c_str()));
  CHECK(plan(request(1, many)).status == 403);
  many.pop_back();
  CHECK(plan(request(1, many)).bindings.size() == 10);
}

TEST_CASE("a REGISTER without Contact asks only, and the list is unchanged") {
  const auto first = plan(request(1, {asked("sip:a@192.0.2.9")}));
  const auto p = plan(request(2, {}), first.bindings);
  CHECK(p.status == 200);
  CHECK(p.bindings.size() == 1);
  CHECK(p.store.empty());
  CHECK(p.remove.empty());
}

}  // namespace registration_test
