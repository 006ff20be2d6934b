// Dialogues of phones with the registrar, over real sockets.
#include <doctest.h>

#include "sip/message_edit.hpp"
#include "support/sip_ring.hpp"

namespace registrar_test {

using namespace phyllo;
using namespace phyllo::testing;
using namespace std::chrono_literals;

namespace {

std::string registrations(sip_node& n, int code) {
  const auto text = n.metrics.text();
  const auto key = "phyllo_registrations_total{code=\"" + std::to_string(code) + "\"} ";
  const auto at = text.find(key);
  if (at == std::string::npos) return "none";
  return text.substr(at + key.size(), text.find('\n', at) - at - key.size());
}

sip::message asking(phone& p, std::uint32_t cseq, const std::string& call_id = "r1") {
  return p.make("REGISTER", "sip:example.com", "<sip:" + p.user() + "@example.com>", cseq, call_id);
}

core::awaitable<sip::message> challenged(phone& p, sip_node& n) {
  static unsigned asked = 0;
  const auto first = asking(p, 1, "challenge-" + std::to_string(++asked));
  p.send(first, n.at());
  co_return co_await p.hear_status(401);
}

// The shortest REGISTER that there is.
std::string brief_register(const phone& p, std::string_view who) {
  return fmt::format(
      "REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP {0};branch=z9hG4bK1\r\nMax-Forwards: 70\r\nFrom: {1};tag=1\r\nTo: "
      "{1}\r\nCall-ID: 1\r\n"
      "CSeq: 1 REGISTER\r\nContact: <sip:{0}>\r\nContent-Length: 0\r\n\r\n",
      p.at(), who);
}

// From an address that has proved nothing: two challenges are more than it may be answered with.
core::awaitable<void> asks_briefly(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  const auto brief = brief_register(*alice, "<sip:alice@example.com>");
  alice->send_text(brief, ring.node(1).at());
  const auto challenge = co_await alice->hear_status(401);
  CHECK(challenge.headers("WWW-Authenticate").size() == 1);
  CHECK(static_cast<double>(challenge.print().size()) <= 1.5 * static_cast<double>(brief.size()));
  auto m = asking(*alice, 2);
  alice->authorize(m, challenge, "MD5", "sip:example.com");
  alice->send(m, ring.node(1).at());
  (void)co_await alice->hear_status(200);
  co_await alice->hang_up();
}

core::awaitable<void> registers(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  const auto challenge = co_await challenged(*alice, ring.node(1));
  const auto offers = challenge.headers("WWW-Authenticate");
  REQUIRE(offers.size() == 2);
  CHECK(offers[0].find("algorithm=MD5") != std::string::npos);
  CHECK(offers[1].find("algorithm=SHA-256") != std::string::npos);
  CHECK(registrations(ring.node(1), 401) == "0");
  std::uint32_t cseq = 2;
  for (const auto* algorithm : {"MD5", "SHA-256"}) {
    auto m = asking(*alice, cseq++);
    alice->authorize(m, challenge, algorithm, "sip:" + ring.node(1).at());
    alice->send(m, ring.node(1).at());
    const auto ok = co_await alice->hear_status(200);
    REQUIRE(ok.contacts().size() == 1);
    CHECK(ok.contacts()[0].expires == 3600U);
    CHECK(ok.header("Date").has_value());
  }
  CHECK(registrations(ring.node(1), 200) == "2");
  CHECK(ring.ring.stores == 2);  // once more when he has used SHA-256, which the record says
  const auto& entries = ring.ring.records.at("user location:alice@example.com");
  REQUIRE(entries.size() == 1);
  const auto& where = entries.begin()->second.content.locations.at(0);
  CHECK(where.node_ip == ring.place(1));
  CHECK(where.transports.at(0) == "UDP5060");
  CHECK(where.contact == "sip:alice@" + alice->at());
  CHECK(ring.node(1).service->status().bindings == 1);
  co_await alice->hang_up();
}

core::awaitable<void> refused(sip_ring& ring) {
  auto thief = ring.make_phone("alice", 101, "guess");
  auto nobody = ring.make_phone("mallory", 102);
  for (auto* p : {thief.get(), nobody.get()}) {
    const auto challenge = co_await challenged(*p, ring.node(1));
    auto m = asking(*p, 2);
    p->authorize(m, challenge);
    p->send(m, ring.node(1).at());
    const auto again = co_await p->hear_status(401);
    CHECK(again.headers("WWW-Authenticate").size() == 1);
    CHECK(again.header("WWW-Authenticate")->find("algorithm=MD5") != std::string::npos);
    CHECK(again.header("WWW-Authenticate")->find("stale") == std::string::npos);
  }
  CHECK(ring.node(1).metrics.drops().at("sip_credentials") == 2);
  CHECK(registrations(ring.node(1), 401) == "2");
  CHECK(ring.ring.stores == 0);
  co_await thief->hang_up();
  co_await nobody->hang_up();
}

core::awaitable<void> replayed(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  const auto challenge = co_await challenged(*alice, ring.node(1));
  for (std::uint32_t cseq : {2U, 3U}) {
    auto m = asking(*alice, cseq);
    alice->authorize(m, challenge);
    alice->send(m, ring.node(1).at());
    if (cseq == 2) (void)co_await alice->hear_status(200);
  }
  const auto again = co_await alice->hear_status(401);
  CHECK(again.header("WWW-Authenticate")->find("stale=true") != std::string::npos);
  auto m = asking(*alice, 4);
  alice->authorize(m, again);
  alice->send(m, ring.node(1).at());
  (void)co_await alice->hear_status(200);
  co_await alice->hang_up();
}

core::awaitable<void> another_users(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  const auto challenge = co_await challenged(*alice, ring.node(1));
  auto m = alice->make("REGISTER", "sip:example.com", "<sip:bob@example.com>", 2, "r1");
  alice->authorize(m, challenge);
  alice->send(m, ring.node(1).at());
  (void)co_await alice->hear_status(403);
  auto foreign = alice->make("REGISTER", "sip:example.org", "<sip:alice@example.org>", 1, "r2");
  alice->send(foreign, ring.node(1).at());
  (void)co_await alice->hear_status(404);
  CHECK(ring.ring.stores == 0);
  co_await alice->hang_up();
}

core::awaitable<void> overlay_away(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto challenge = co_await challenged(*alice, ring.node(1));
  ring.ring.broken = overlay::errc::not_joined;
  auto m = asking(*alice, 2);
  alice->authorize(m, challenge);
  alice->send(m, ring.node(1).at());
  const auto later = co_await alice->hear_status(503);
  CHECK(later.header("Retry-After").has_value());
  CHECK(ring.node(1).service->status().bindings == 0);

  ring.ring.broken.reset();
  (void)co_await register_phone(*alice, ring.node(1));
  // A refresh that changes nothing is good without the overlay.
  ring.ring.broken = overlay::errc::timed_out;
  (void)co_await register_phone(*alice, ring.node(1));
  // A change is not.
  auto bob = ring.make_phone("bob", 102);
  challenge = co_await challenged(*bob, ring.node(1));
  auto n = asking(*bob, 2);
  bob->authorize(n, challenge);
  bob->send(n, ring.node(1).at());
  (void)co_await bob->hear_status(504);
  ring.secrets_broken = true;
  challenge = co_await challenged(*bob, ring.node(1));
  auto o = asking(*bob, 4);
  bob->authorize(o, challenge);
  bob->send(o, ring.node(1).at());
  CHECK((co_await bob->hear_status(503)).header("Retry-After").has_value());
  co_await alice->hang_up();
  co_await bob->hang_up();
}

core::awaitable<void> moves(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  const auto contact = alice->contact() + ";+sip.instance=\"<urn:uuid:7>\";reg-id=1";
  (void)co_await register_phone(*alice, ring.node(1), 3600, contact);
  (void)co_await register_phone(*alice, ring.node(2), 3600, contact);
  const auto& entries = ring.ring.records.at("user location:alice@example.com");
  REQUIRE(entries.size() == 1);
  CHECK(entries.begin()->second.content.locations.at(0).node_ip == ring.place(2));
  const auto back = co_await register_phone(*alice, ring.node(1), 3600, contact);
  CHECK(back.contacts().size() == 1);
  CHECK(entries.begin()->second.content.locations.at(0).node_ip == ring.place(1));
  co_await alice->hang_up();
}

core::awaitable<void> two_phones(sip_ring& ring) {
  auto desk = ring.make_phone("alice", 101);
  auto mobile = ring.make_phone("alice", 102);
  (void)co_await register_phone(*desk, ring.node(1));
  const auto both = co_await register_phone(*mobile, ring.node(2));
  CHECK(both.contacts().size() == 2);
  const auto one = co_await register_phone(*mobile, ring.node(2), 0);
  CHECK(one.contacts().size() == 1);
  CHECK(ring.ring.records.at("user location:alice@example.com").size() == 1);
  const auto none = co_await register_phone(*desk, ring.node(2), 0, "*");
  CHECK(none.contacts().empty());
  CHECK(ring.ring.records.at("user location:alice@example.com").empty());
  co_await desk->hang_up();
  co_await mobile->hang_up();
}

core::awaitable<void> at_once(sip_ring& ring) {
  ring.ring.delay = 50ms;
  std::vector<std::unique_ptr<phone>> phones;
  for (unsigned i = 0; i < 5; ++i) phones.push_back(ring.make_phone("alice", 101 + i));
  std::vector<sip::message> challenges;
  for (const auto& p : phones) challenges.push_back(co_await challenged(*p, ring.node(1)));
  for (std::size_t i = 0; i < phones.size(); ++i) {
    auto m = asking(*phones[i], 2, "r" + std::to_string(i));
    phones[i]->authorize(m, challenges[i]);
    phones[i]->send(m, ring.node(1).at());
  }
  std::size_t most = 0;
  for (const auto& p : phones) most = std::max(most, (co_await p->hear_status(200)).contacts().size());
  CHECK(most == 5);
  CHECK(ring.ring.records.at("user location:alice@example.com").size() == 5);
  for (const auto& p : phones) co_await p->hang_up();
}

core::awaitable<void> vanishes(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  (void)co_await register_phone(*alice, ring.node(1), 2);
  auto& entries = ring.ring.records.at("user location:alice@example.com");
  CHECK(entries.size() == 1);
  for (int i = 0; i < 50 && !entries.empty(); ++i) co_await core::sleep_for(ring.env(), 100ms);
  CHECK(entries.empty());
  CHECK(ring.node(1).service->status().bindings == 0);
  co_await alice->hang_up();
}

core::awaitable<void> whole_address(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  alice->whole_username = true;
  (void)co_await register_phone(*alice, ring.node(1));
  auto other = ring.make_phone("alice", 103);
  other->whole_username = true;
  const auto challenge = co_await challenged(*other, ring.node(1));
  auto sha256 = asking(*other, 5, "sha256");
  other->authorize(sha256, challenge, "SHA-256");
  other->send(sha256, ring.node(1).at());
  (void)co_await other->hear_status(200);
  auto thief = ring.make_phone("alice", 102, "guess");
  thief->whole_username = true;
  auto m = asking(*thief, 2, "thief");
  thief->authorize(m, co_await challenged(*thief, ring.node(1)));
  thief->send(m, ring.node(1).at());
  (void)co_await thief->hear_status(401);
  co_await alice->hang_up();
  co_await other->hang_up();
  co_await thief->hang_up();
}

core::awaitable<void> listed_elsewhere(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  (void)co_await register_phone(*alice, ring.node(1), 600);
  auto other = ring.make_phone("alice", 102);
  const auto both = co_await register_phone(*other, ring.node(2), 300);
  REQUIRE(both.contacts().size() == 2);
  for (const auto& c : both.contacts()) {
    const auto most = c.uri.port == other->port() ? 300U : 600U;
    CHECK(c.expires <= most);
    CHECK(c.expires > most - 10);
  }
  co_await alice->hang_up();
  co_await other->hang_up();
}

core::awaitable<void> features(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  const std::string said = ";+g.oma.sip-im;methods=\"INVITE,BYE\";audio;+sip.ice";
  const auto here = co_await register_phone(*alice, ring.node(1), 600, alice->contact() + ";q=0.5" + said + ";expires=600");
  CHECK(here.header("Contact")->find(said) != std::string::npos);
  CHECK(here.contacts().at(0).features == said);
  auto other = ring.make_phone("alice", 102);
  const auto there = co_await register_phone(*other, ring.node(2), 600);
  std::size_t with = 0;
  for (const auto& c : there.contacts()) with += c.features == said ? 1 : 0;
  CHECK(with == 1);
  auto much = asking(*alice, 9, "much");
  much.remove_headers("Contact");
  REQUIRE(much.add_header("Contact", alice->contact() + ";x=" + std::string(2000, 'y')).has_value());
  alice->send(much, ring.node(1).at());
  CHECK((co_await alice->hear_status(403)).phrase() == "Too Many Contact Parameters");
  co_await alice->hang_up();
  co_await other->hang_up();
}

const std::string flow_of_instance = ";+sip.instance=\"<urn:uuid:7>\";reg-id=1";

core::awaitable<void> outbound(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  const auto behind_nat = "<sip:alice@" + ring.place(200) + ":5070>";
  const auto plain = co_await register_phone(*alice, ring.node(1), 3600, behind_nat);
  CHECK_FALSE(plain.header("Require").has_value());
  CHECK_FALSE(plain.header("Flow-Timer").has_value());
  CHECK(plain.contacts().at(0).expires == 600U);  // it would not see that its node has died
  const auto flow = co_await register_phone(*alice, ring.node(1), 3600, behind_nat + flow_of_instance);
  CHECK(flow.header("Require") == "outbound");
  CHECK(flow.header("Flow-Timer") == "90");
  CHECK(flow.contacts().back().expires == 3600U);
  const auto straight = co_await register_phone(*alice, ring.node(1), 3600);
  CHECK(straight.contacts().back().expires == 3600U);
  co_await alice->hang_up();
}

core::awaitable<void> without_flows(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  (void)co_await register_phone(*alice, ring.node(1));  // it is heard as often as it asks from now on
  const auto ask = [&](std::string contact, bool edge, std::string path, std::string call_id) {
    auto m = asking(*alice, 1, call_id);
    m.remove_headers("Contact");
    REQUIRE(m.add_header("Contact", contact).has_value());
    if (!path.empty()) push_path(m, path);
    if (edge) push_via(m, "UDP", alice->at(), "z9hG4bKedge" + call_id);
    alice->send(m, ring.node(1).at());
  };
  const auto contact = alice->contact() + flow_of_instance;
  ask(contact, true, "", "f1");
  (void)co_await alice->hear_status(439);
  ask(contact, true, "<sip:edge.example.com;lr>", "f2");
  (void)co_await alice->hear_status(439);
  ask(contact, true, "<sip:edge.example.com;lr;ob>", "f3");
  (void)co_await alice->hear_status(401);
  ask(contact + ", <sip:alice@192.0.2.9>;+sip.instance=\"<urn:uuid:7>\";reg-id=2", false, "", "f4");
  (void)co_await alice->hear_status(400);
  co_await alice->hang_up();
}

// The node finds what it kept: the phone is bound, and the address at which it was heard is no stranger's.
core::awaitable<void> bound_before_a_start(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  (void)co_await register_phone(*alice, ring.node(1));
  co_await ring.restart(1, true);
  CHECK(ring.node(1).service->status().bindings == 1);
  alice->send_text(brief_register(*alice, "<sip:bob@example.com>"), ring.node(1).at());
  const auto challenge = co_await alice->hear_status(401);
  CHECK(challenge.headers("WWW-Authenticate").size() == 2);
  co_await alice->hang_up();
}

core::awaitable<void> brief(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  const auto challenge = co_await challenged(*alice, ring.node(1));
  auto m = asking(*alice, 2);
  REQUIRE(m.add_header("Expires", "10").has_value());
  alice->authorize(m, challenge);
  alice->send(m, ring.node(1).at());
  CHECK((co_await alice->hear_status(423)).header("Min-Expires") == "60");
  co_await alice->hang_up();
}

core::awaitable<void> not_understood(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto required = asking(*alice, 1);
  REQUIRE(required.add_header("Require", "path, hovering, outbound").has_value());
  alice->send(required, ring.node(1).at());
  CHECK((co_await alice->hear_status(420)).header("Unsupported") == "hovering");
  for (const auto* contact : {"<tel:+49301234>", "<https://example.com/alice>", "<mailto:alice@example.com>"}) {
    CAPTURE(contact);
    auto elsewhere = asking(*alice, 2, contact);
    elsewhere.remove_headers("Contact");
    REQUIRE(elsewhere.add_header("Contact", contact).has_value());
    alice->send(elsewhere, ring.node(1).at());
    const auto answer = co_await alice->hear_status(403);
    CHECK(answer.phrase() == "Contact Is No SIP URI");
  }
  std::string many = "<sip:alice@192.0.2.1>";
  for (int i = 2; i < 60; ++i) many.append(", <sip:alice@192.0.2." + std::to_string(i) + ">");
  auto crowd = asking(*alice, 3, "crowd");
  crowd.remove_headers("Contact");
  REQUIRE(crowd.add_header("Contact", many).has_value());
  alice->send(crowd, ring.node(1).at());
  const auto answer = co_await alice->hear_status(403);
  CHECK(answer.phrase() == "Too Many Contacts");
  co_await alice->hang_up();
}

}  // namespace

TEST_CASE("what a phone requires and nobody knows is named, and contacts that can not be called are refused") {
  sip_ring ring(80, 1);
  ring.run(not_understood(ring));
}

TEST_CASE("a stranger's brief REGISTER is answered at once, by the challenge that fits") {
  sip_ring ring(94, 1);
  ring.run(asks_briefly(ring));
}

TEST_CASE("what was bound before a start is bound after it, and its phone is no stranger") {
  sip_ring ring(157, 1);
  ring.run(bound_before_a_start(ring));
}

TEST_CASE("a phone registers with SHA-256 or MD5, and the overlay holds one record of it") {
  sip_ring ring(1, 1);
  ring.run(registers(ring));
}

TEST_CASE("an unknown user and a wrong password are answered alike, and counted") {
  sip_ring ring(2, 1);
  ring.run(refused(ring));
}

TEST_CASE("credentials serve once; used again they are stale, and a new nonce helps") {
  sip_ring ring(3, 1);
  ring.run(replayed(ring));
}

TEST_CASE("nobody registers another user, or a user of a foreign domain") {
  sip_ring ring(4, 1);
  ring.run(another_users(ring));
}

TEST_CASE("200 comes only when the overlay holds the record; else 5xx with Retry-After") {
  sip_ring ring(5, 1);
  ring.run(overlay_away(ring));
}

TEST_CASE("a phone that registers elsewhere replaces its own entry, there and back") {
  sip_ring ring(6, 2);
  ring.run(moves(ring));
}

TEST_CASE("a user's phones at different nodes are listed together, and unregister one by one or all at once") {
  sip_ring ring(7, 2);
  ring.run(two_phones(ring));
}

TEST_CASE("phones of one user that register at once are all bound") {
  sip_ring ring(8, 1);
  ring.run(at_once(ring));
}

TEST_CASE("a phone that vanishes leaves no record behind") {
  sip::service_options o;
  o.registration.expires_min = 1s;
  sip_ring ring(9, 1, o);
  ring.run(vanishes(ring));
}

TEST_CASE("a phone that takes its whole address for its username registers") {
  sip_ring ring(85, 1);
  ring.run(whole_address(ring));
}

TEST_CASE("a binding is listed at another node with the time that the phone was granted") {
  sip_ring ring(81, 2);
  ring.run(listed_elsewhere(ring));
}

TEST_CASE("what a Contact says of its phone is kept, and told at every node") {
  sip_ring ring(82, 2);
  ring.run(features(ring));
}

TEST_CASE("a phone that registers a flow is told so and how often to look after it, others come back soon") {
  sip_ring ring(83, 1);
  ring.run(outbound(ring));
}

TEST_CASE("a flow through an edge that knows none is refused, and so are two flows at once") {
  sip_ring ring(84, 1);
  ring.run(without_flows(ring));
}

TEST_CASE("a registration that is too brief is answered 423") {
  sip_ring ring(10, 1);
  ring.run(brief(ring));
}

}  // namespace registrar_test
