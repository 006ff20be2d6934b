// Who is relayed and who is not: strangers, users, edges and nodes with what they have seen on the wire and in records.
#include <doctest.h>

#include <asio/ip/tcp.hpp>

#include "sip/message_edit.hpp"
#include "support/calls.hpp"
#include "support/stream_phone.hpp"

namespace proxy_authority_test {

using namespace phyllo;
using namespace phyllo::testing;
using namespace std::chrono_literals;

namespace {

// As long as a phone's: strangers are answered by the measure of what they send.
const std::string user_agent = "Telephone of the tests/1.0 (" + std::string(300, 'x') + ")";

struct forged {
  std::string method = "MESSAGE";
  std::string uri;
  std::string from = "sip:eve@example.net";
  std::string from_tag = "e";
  std::string to_tag = "made-up";
  std::string call_id = "call";
  std::vector<std::string> routes;
};

std::string text_of(const forged& f, const std::string& at, const std::string& transport = "UDP") {
  static unsigned sent = 0;
  std::string out = f.method + " " + f.uri + " SIP/2.0\r\nVia: SIP/2.0/" + transport + " " + at + ";branch=z9hG4bKf" +
                    std::to_string(++sent) + ";rport\r\nMax-Forwards: 70\r\nFrom: <" + f.from + ">;tag=" + f.from_tag +
                    "\r\nTo: <sip:bob@example.com>" + (f.to_tag.empty() ? "" : ";tag=" + f.to_tag) + "\r\nCall-ID: " + f.call_id +
                    "\r\nCSeq: 7 " + f.method + "\r\nContact: <sip:eve@" + at + ">\r\n";
  for (const auto& r : f.routes) out += "Route: " + r + "\r\n";
  return out + "User-Agent: " + user_agent + "\r\nContent-Length: 0\r\n\r\n";
}

std::vector<std::string> routes_of(const sip::message& response) {
  std::vector<std::string> out;
  for (const auto& r : response.record_routes()) out.insert(out.begin(), "<" + r.uri.text() + ">");
  return out;
}

std::string path_of(sip_ring& ring, const std::string& user) {
  return ring.ring.records.at("user location:" + user).begin()->second.content.locations.at(0).path.at(0);
}

// An address that has answered a challenge hears all answers; others, by UDP, as many as they pay for.
core::awaitable<void> prove(sip_ring& ring, phone& p, unsigned at) {
  auto carol = ring.make_phone("carol", at);
  REQUIRE(carol->address() == p.address());
  (void)co_await register_phone(*carol, ring.node(1));
  co_await carol->hang_up();
}

// A stranger's call to bob that rings; the 180.
core::awaitable<sip::message> rings(phone& caller, phone& bob, sip_node& n) {
  forged invite{.method = "INVITE", .uri = "sip:bob@example.com", .to_tag = "", .call_id = "call", .routes = {}};
  caller.send_text(text_of(invite, caller.at()), n.at());
  const auto seen = co_await bob.hear_method("INVITE");
  bob.reply(seen, 180);
  co_return co_await caller.hear_status(180);
}

core::awaitable<void> stolen_token(sip_ring& ring) {
  auto eve = ring.make_phone("eve", 101);
  auto bob = ring.make_phone("bob", 102);
  auto thief = ring.make_phone("thief", 103);
  auto victim = ring.make_phone("victim", 104);
  auto& n = ring.node(1);
  (void)co_await register_phone(*bob, n);
  co_await prove(ring, *eve, 101);
  co_await prove(ring, *thief, 103);
  const auto ringing = co_await rings(*eve, *bob, n);
  const auto token = routes_of(ringing);
  for (const auto* method : {"MESSAGE", "BYE", "REFER", "GOSSIP"}) {
    for (const auto& uri : {"sip:victim@" + victim->at(), "sip:bob@" + bob->at(), "sip:victim@" + victim->at() + ";transport=tcp"}) {
      forged f{.method = method, .uri = uri, .to_tag = std::string(ringing.to().tag), .routes = token};
      thief->send_text(text_of(f, thief->at()), n.at());
      CHECK((co_await thief->hear_status(403)).phrase() == "Relaying Denied");
      f.from = "sip:alice@example.com";
      f.to_tag = "any";
      thief->send_text(text_of(f, thief->at()), n.at());
      (void)co_await thief->hear_status(407);
    }
  }
  const auto stray = n.metrics.drops()["sip_stray_ack"];
  forged ack{.method = "ACK", .uri = "sip:victim@" + victim->at(), .to_tag = std::string(ringing.to().tag), .routes = token};
  thief->send_text(text_of(ack, thief->at()), n.at());
  co_await core::sleep_for(ring.env(), 100ms);
  CHECK(n.metrics.drops()["sip_stray_ack"] == stray + 1);
  CHECK(victim->silent());
  CHECK(bob->silent());
  for (auto* p : {eve.get(), bob.get(), thief.get(), victim.get()}) co_await p->hang_up();
}

core::awaitable<void> own_token_abused(sip_ring& ring) {
  auto eve = ring.make_phone("eve", 101);
  auto bob = ring.make_phone("bob", 102);
  auto victim = ring.make_phone("victim", 104);
  auto& n = ring.node(1);
  (void)co_await register_phone(*bob, n);
  co_await prove(ring, *eve, 101);
  const auto ringing = co_await rings(*eve, *bob, n);
  forged f{.uri = "sip:victim@" + victim->at(), .to_tag = std::string(ringing.to().tag), .routes = routes_of(ringing)};
  eve->send_text(text_of(f, eve->at()), n.at());  // it goes to the other end, whatever it asks for
  const auto heard = co_await bob->hear_method("MESSAGE");
  bob->reply(heard, 481, false);
  (void)co_await eve->hear_status(481);
  f.routes.push_back("<sip:" + victim->at() + ";lr>");
  eve->send_text(text_of(f, eve->at()), n.at());
  (void)co_await eve->hear_status(404);
  f.routes.pop_back();
  f.call_id = "another";
  eve->send_text(text_of(f, eve->at()), n.at());
  (void)co_await eve->hear_status(403);
  CHECK(victim->silent());
  CHECK(bob->silent());
  for (auto* p : {eve.get(), bob.get(), victim.get()}) co_await p->hang_up();
}

// A node passes a dialog's requests on as its end wrote them: so the node behind it must not take them for asked.
core::awaitable<void> behind_the_token(sip_ring& ring) {
  auto eve = ring.make_phone("eve", 101);
  auto bob = ring.make_phone("bob", 102);
  auto other = ring.make_phone("user1", 105);
  co_await prove(ring, *eve, 101);
  const auto hidden = "@" + ring.place(200) + ":5070";
  (void)co_await register_phone(*bob, ring.node(2), 3600, "<sip:bob" + hidden + ">");
  (void)co_await register_phone(*other, ring.node(2), 3600, "<sip:user1" + hidden + ">");
  const auto ringing = co_await rings(*eve, *bob, ring.node(1));
  const auto token = routes_of(ringing).front();
  forged f{.uri = "sip:user1" + hidden, .to_tag = std::string(ringing.to().tag), .routes = {token, path_of(ring, "user1@example.com")}};
  eve->send_text(text_of(f, eve->at()), ring.node(1).at());
  (void)co_await eve->hear_status(403);
  f.uri = "sip:user1@example.com";
  f.from = "sip:alice@example.com";
  f.routes.pop_back();
  eve->send_text(text_of(f, eve->at()), ring.node(1).at());
  (void)co_await eve->hear_status(407);
  CHECK(other->silent());
  CHECK(bob->silent());
  for (auto* p : {eve.get(), bob.get(), other.get()}) co_await p->hang_up();
}

core::awaitable<void> path_by_udp(sip_ring& ring) {
  auto bob = ring.make_phone("bob", 102);
  auto mallory = ring.make_phone("mallory", 103);
  auto& n = ring.node(2);
  (void)co_await register_phone(*bob, n, 3600, "<sip:bob@" + ring.place(200) + ":5070>");
  forged f{.method = "INVITE", .uri = "sip:bob@" + ring.place(200) + ":5070", .to_tag = "", .routes = {path_of(ring, "bob@example.com")}};
  mallory->send_text(text_of(f, mallory->at()), n.at());
  (void)co_await mallory->hear_status(403);
  f.from = "sip:alice@example.com";
  mallory->send_text(text_of(f, mallory->at()), n.at());
  (void)co_await mallory->hear_status(407);
  f.method = "GOSSIP";
  f.uri = "sip:x@" + mallory->at() + ";transport=tcp";
  mallory->send_text(text_of(f, mallory->at()), n.at());
  (void)co_await mallory->hear_status(407);
  CHECK(bob->silent());
  co_await bob->hang_up();
  co_await mallory->hang_up();
}

// A node of the ring's overlay that is written by hand.
struct bare_node {
  identity::trust trust{"ring.example.com"};
  core::metrics metrics;
  std::unique_ptr<transport::host> host;

  bare_node(sip_ring& ring, unsigned number, unsigned place, std::vector<std::string> domains) {
    REQUIRE(trust.update({ring.authority.ca.certificate_der()}, {}));
    transport::host_options h;
    h.address = asio::ip::make_address(ring.place(place));
    h.ports = {0, 5060, 5061, 0, 0, 0};
    const auto user = "mallory" + std::to_string(number) + "@example.com";
    host =
        transport::host::open(ring.env(), h, ring.authority.credential(number, user, std::move(domains)), trust, {}, metrics, {}).value();
  }
  // Over a new connection; the status of the answer that is not 100.
  core::awaitable<int> ask(sip_ring& ring, unsigned of, std::string text) {
    transport::tls_client_options o;
    o.alpn = {"phyllo-sip"};
    o.expected = sip_authority::id_of(of);
    const transport::endpoint there{asio::ip::make_address(ring.place(of)), 5061};
    auto s = co_await host->open_tls(there, std::move(o), ring.env().now() + 5s);
    REQUIRE_MESSAGE(s.has_value(), (s ? "" : s.error().message()));
    REQUIRE((co_await (*s)->write(core::as_bytes(text), ring.env().now() + 5s)).has_value());
    std::vector<std::uint8_t> some(8192);
    while (true) {  // ends with a final answer, or fails the test
      const auto n = co_await (*s)->read(some, ring.env().now() + 5s);
      REQUIRE(n.has_value());
      const std::string answer(some.begin(), some.begin() + static_cast<std::ptrdiff_t>(*n));
      const auto last = answer.rfind("SIP/2.0 ");
      const auto status = std::stoi(answer.substr(last + 8, 3));
      if (status >= 180) co_return status;
    }
  }
};

core::awaitable<void> path_by_node(sip_ring& ring) {
  auto bob = ring.make_phone("bob", 102);
  auto& n = ring.node(1);
  const auto contact = "sip:bob@" + ring.place(200) + ":5070";
  (void)co_await register_phone(*bob, n, 3600, "<" + contact + ">");
  bare_node edge(ring, 9, 109, {});
  bare_node other_domain(ring, 10, 110, {"example.org"});
  bare_node supernode(ring, 11, 111, {"example.com"});
  forged f{.method = "INVITE", .uri = contact, .to_tag = "", .routes = {path_of(ring, "bob@example.com")}};
  CHECK(co_await edge.ask(ring, 1, text_of(f, ring.place(109) + ":5061", "TLS")) == 403);
  CHECK(co_await other_domain.ask(ring, 1, text_of(f, ring.place(110) + ":5061", "TLS")) == 403);
  f.from = "sip:alice@example.com";
  CHECK(co_await edge.ask(ring, 1, text_of(f, ring.place(109) + ":5061", "TLS")) == 407);
  CHECK(bob->silent());
  core::task_scope answering(ring.env());
  const auto answer = [](phone& p) -> core::awaitable<void> { p.reply(co_await p.hear_method("INVITE"), 603, false); };
  answering.spawn(answer(*bob));
  CHECK(co_await supernode.ask(ring, 1, text_of(f, ring.place(111) + ":5061", "TLS")) == 603);
  co_await answering.join();
  // Who is revoked gets no connection.
  n.revoke(ring.authority, {sip_authority::id_of(11)});
  transport::tls_client_options o;
  o.alpn = {"phyllo-sip"};
  const transport::endpoint there{asio::ip::make_address(ring.place(1)), 5061};
  auto refused = co_await supernode.host->open_tls(there, std::move(o), ring.env().now() + 5s);
  std::vector<std::uint8_t> some(100);
  if (refused) CHECK_FALSE((co_await (*refused)->read(some, ring.env().now() + 5s)).has_value());
  for (auto* b : {&edge, &other_domain, &supernode}) co_await b->host->stop();
  co_await bob->hang_up();
}

core::awaitable<void> node_beyond_the_rate(sip_ring& ring) {
  bare_node supernode(ring, 11, 111, {"example.com"});
  const forged f{.method = "OPTIONS", .uri = "sip:example.com", .to_tag = "", .routes = {}};
  for (int i = 0; i < 12; ++i) {
    const auto status = co_await supernode.ask(ring, 1, text_of(f, ring.place(111) + ":5061", "TLS"));
    CHECK(status == 200);
  }
  CHECK(ring.node(1).metrics.text().find("phyllo_sip_paced_total 0") != std::string::npos);
  co_await supernode.host->stop();
}

// Records say where a phone is; a node that reads them dials nothing but the supernode that signed.
core::awaitable<void> poisoned_records(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto bob = ring.make_phone("bob", 102);
  auto victim = ring.make_phone("victim", 104);
  asio::ip::tcp::acceptor service(ring.world.io, {asio::ip::make_address(ring.place(105)), 0});
  service.non_blocking(true);
  const auto tcp = ring.place(105) + ":" + std::to_string(service.local_endpoint().port());
  (void)co_await register_phone(*bob, ring.node(1));
  auto& stored = ring.ring.records.at("user location:bob@example.com").begin()->second;
  auto& where = stored.content.locations.at(0);
  const auto own_path = where.path.at(0);
  unsigned calls = 0;
  const auto fails = [&](int status) -> core::awaitable<void> {
    (void)co_await invites(*alice, "bob@example.com", ring.node(1).at(), "call" + std::to_string(++calls));
    (void)co_await alice->hear_status(status);
  };
  where.contact = "sip:bob@" + tcp + ";transport=tcp";
  where.path = {"<sip:" + tcp + ";transport=tcp;lr>"};
  co_await fails(480);
  where.path = {"<sip:token@" + victim->at() + ";lr;direct>"};
  co_await fails(480);
  // The user writes itself: a contact of another's, and the path of another's record.
  stored.signer = "bob@example.com";
  where.contact = "sip:bob@" + victim->at();
  co_await fails(480);
  stored.signer_node = sip_authority::id_of(9);
  where.node = sip_authority::id_of(2);
  where.path = {own_path};
  co_await fails(480);
  asio::error_code ec;
  (void)service.accept(ec);
  CHECK(ec == asio::error::would_block);
  CHECK(victim->silent());
  CHECK(bob->silent());
  for (auto* p : {alice.get(), bob.get(), victim.get()}) co_await p->hang_up();
}

// The path of bob's record, in a record of carol's.
core::awaitable<void> path_of_another(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto bob = ring.make_phone("bob", 102);
  auto carol = ring.make_phone("carol", 103);
  (void)co_await register_phone(*bob, ring.node(1), 3600, "<sip:bob@" + ring.place(200) + ":5070>");
  (void)co_await register_phone(*carol, ring.node(1), 3600, "<sip:carol@" + ring.place(200) + ":5070>");
  ring.ring.records.at("user location:carol@example.com").begin()->second.content.locations.at(0).path.at(0) =
      path_of(ring, "bob@example.com");
  (void)co_await invites(*alice, "carol@example.com", ring.node(1).at(), "call");
  (void)co_await alice->hear_status(480);
  CHECK(bob->silent());
  for (auto* p : {alice.get(), bob.get(), carol.get()}) co_await p->hang_up();
}

core::awaitable<void> another_node(sip_ring& ring, bool callee_behind_nat) {
  auto alice = ring.make_phone("alice", 101);
  auto bob = ring.make_phone("bob", 102);
  std::string contact;
  if (callee_behind_nat) contact = "<sip:bob@" + ring.place(200) + ":5070>";
  (void)co_await register_phone(*bob, ring.node(2), 3600, contact);
  (void)co_await invites(*alice, "bob@example.com", ring.node(1).at(), "call");
  const auto seen = co_await bob->hear_method("INVITE");
  bob->reply(seen, 200);
  const auto ok = co_await alice->hear_status(200);
  auto ack = within(*alice, "ACK", ok, 2);
  alice->send(ack, first_hop(ack));
  (void)co_await bob->hear_method("ACK");
  co_await ring.node(1).stop();
  // From where it always was: known by its address.
  auto info = within(*alice, "INFO", ok, 3);
  alice->send(info, ring.node(3).at());
  const auto heard = co_await bob->hear_method("INFO");
  bob->reply(heard, 200, false);
  (void)co_await alice->hear_status(200);
  // From a new address: known by its credentials.
  auto moved = ring.make_phone("alice", 111);
  auto bye = within(*moved, "BYE", ok, 4);
  moved->send(bye, ring.node(3).at());
  const auto challenge = co_await moved->hear_status(407);
  CHECK(bob->silent());
  auto again = within(*moved, "BYE", ok, 5);
  moved->authorize(again, challenge);
  moved->send(again, ring.node(3).at());
  const auto last = co_await bob->hear_method("BYE");
  CHECK(last.routes().empty());
  bob->reply(last, 200, false);
  (void)co_await moved->hear_status(200);
  for (auto* p : {alice.get(), bob.get(), moved.get()}) co_await p->hang_up();
}

core::awaitable<void> restarted(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto bob = ring.make_phone("bob", 102);
  (void)co_await register_phone(*bob, ring.node(1));
  (void)co_await invites(*alice, "bob@example.com", ring.node(1).at(), "call");
  const auto seen = co_await bob->hear_method("INVITE");
  bob->reply(seen, 200);
  const auto ok = co_await alice->hear_status(200);
  co_await ring.restart(1);
  auto bye = within(*alice, "BYE", ok, 3);
  alice->send(bye, first_hop(bye));
  bob->reply(co_await bob->hear_method("BYE"), 200, false);
  (void)co_await alice->hear_status(200);
  co_await alice->hang_up();
  co_await bob->hang_up();
}

// The call of alice, at its node 1, that bob has taken; the 200.
core::awaitable<sip::message> taken(sip_ring& ring, phone& alice, phone& bob) {
  (void)co_await register_phone(bob, ring.node(1));
  (void)co_await invites(alice, "bob@example.com", ring.node(1).at(), "call");
  const auto seen = co_await bob.hear_method("INVITE");
  bob.reply(seen, 200);
  co_return co_await alice.hear_status(200);
}

// An ACK within the dialog; with these lines of credentials, each as its INVITE has it.
sip::message ack_with(phone& p, const sip::message& ok, const std::vector<std::string>& credentials) {
  auto ack = within(p, "ACK", ok, 11);
  for (const auto& line : credentials) REQUIRE(ack.add_header("Proxy-Authorization", line).has_value());
  return ack;
}

std::string changed(std::string line, const std::string& field) {
  const auto at = line.find(field + "=\"") + field.size() + 2;
  line[at] = line[at] == 'a' ? 'b' : 'a';
  return line;
}

core::awaitable<void> dropped_acks(sip_ring& ring, std::uint64_t wanted) {
  for (int i = 0; i < 100 && ring.node(1).metrics.drops()["sip_stray_ack"] < wanted; ++i) co_await core::sleep_for(ring.env(), 20ms);
  CHECK(ring.node(1).metrics.drops()["sip_stray_ack"] == wanted);
}

// RFC 3261 s.22.1: from a new address, of which nothing but the INVITE's credentials says who it is.
core::awaitable<void> acknowledged_by_credentials(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto bob = ring.make_phone("bob", 102);
  const auto ok = co_await taken(ring, *alice, *bob);
  auto moved = ring.make_phone("alice", 111);
  const auto at = ring.node(1).at();
  auto first = within(*moved, "INVITE", ok, 10);
  moved->send(first, at);
  const auto challenge = co_await moved->hear_status(407);
  acknowledge(*moved, challenge, first, at);
  auto second = within(*moved, "INVITE", ok, 11);
  moved->authorize(second, challenge);
  moved->send(second, at);
  bob->reply(co_await bob->hear_method("INVITE"), 200);
  (void)co_await moved->hear_status(200);
  const std::string credentials(second.headers("Proxy-Authorization").front());
  const auto before = ring.node(1).metrics.drops()["sip_stray_ack"];
  const std::vector<std::vector<std::string>> wrong{{}, {changed(credentials, "response")}, {changed(credentials, "nonce")}};
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    moved->send(ack_with(*moved, ok, wrong[i]), at);
    co_await dropped_acks(ring, before + i + 1);
  }
  // Overheard, and sent from elsewhere.
  auto thief = ring.make_phone("alice", 112);
  thief->send(ack_with(*thief, ok, {credentials}), at);
  co_await dropped_acks(ring, before + 4);
  CHECK(bob->silent());
  moved->send(ack_with(*moved, ok, {credentials}), at);
  const auto heard = co_await bob->hear_method("ACK");
  CHECK(heard.headers("Proxy-Authorization").empty());
  for (auto* p : {alice.get(), bob.get(), moved.get(), thief.get()}) co_await p->hang_up();
}

core::awaitable<void> acknowledged_over_tcp(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto bob = ring.make_phone("bob", 102);
  const auto ok = co_await taken(ring, *alice, *bob);
  auto moved = co_await stream_phone::connect(ring.env(), ring.place(111), ring.node(1).at());
  const auto first = within(*alice, "INVITE", ok, 10);
  co_await moved->say(first);
  const auto challenge = co_await moved->hear_status(407);
  auto second = within(*alice, "INVITE", ok, 11);
  alice->authorize(second, challenge);
  co_await moved->say(second);
  bob->reply(co_await bob->hear_method("INVITE"), 200);
  (void)co_await moved->hear_status(200);
  const std::string credentials(second.headers("Proxy-Authorization").front());
  const auto before = ring.node(1).metrics.drops()["sip_stray_ack"];
  const auto bare = ack_with(*alice, ok, {});
  co_await moved->say(bare);
  co_await dropped_acks(ring, before + 1);
  CHECK(bob->silent());
  const auto ack = ack_with(*alice, ok, {credentials});
  co_await moved->say(ack);
  const auto heard = co_await bob->hear_method("ACK");
  CHECK(heard.headers("Proxy-Authorization").empty());
  co_await alice->hang_up();
  co_await bob->hang_up();
}

// What the Request-URI is does not matter: the token says where an ACK goes.
core::awaitable<void> acknowledged_at_the_proxy(sip_ring& ring, bool by_tcp) {
  auto alice = ring.make_phone("alice", 101);
  auto bob = ring.make_phone("bob", 102);
  std::unique_ptr<stream_phone> connection;
  (void)co_await register_phone(*bob, ring.node(1));
  if (by_tcp) connection = co_await stream_phone::connect(ring.env(), alice->address(), ring.node(1).at());
  if (!by_tcp) (void)co_await invites(*alice, "bob@example.com", ring.node(1).at(), "call");
  if (by_tcp) {
    const auto first = alice->make("INVITE", "sip:bob@example.com", "<sip:bob@example.com>", 1, "call");
    co_await connection->say(first);
    auto second = alice->make("INVITE", "sip:bob@example.com", "<sip:bob@example.com>", 2, "call");
    alice->authorize(second, co_await connection->hear_status(407));
    co_await connection->say(second);
  }
  bob->reply(co_await bob->hear_method("INVITE"), 200);
  sip::message ok = alice->make("ACK", "sip:none", "<sip:none>", 1, "none");
  if (by_tcp) ok = co_await connection->hear_status(200);
  if (!by_tcp) ok = co_await alice->hear_status(200);
  for (const auto& uri : {"sip:" + ring.node(1).at() + ";lr", std::string("sip:example.com")}) {
    auto ack = within(*alice, "ACK", ok, 2);
    REQUIRE(set_request_uri(ack, uri).has_value());
    if (by_tcp) co_await connection->say(ack);
    if (!by_tcp) alice->send(ack, ring.node(1).at());
    (void)co_await bob->hear_method("ACK");
  }
  co_await alice->hang_up();
  co_await bob->hang_up();
}

// The branch of the INVITE is seen by everybody on the way.
core::awaitable<void> seen_branches(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto bob = ring.make_phone("bob", 102);
  auto thief = ring.make_phone("thief", 103);
  auto& n = ring.node(1);
  (void)co_await register_phone(*bob, n);
  const auto invite = co_await invites(*alice, "bob@example.com", n.at(), "call");
  const auto seen = co_await bob->hear_method("INVITE");
  auto cancel = invite.follow_up("CANCEL");
  thief->send(cancel, n.at());
  auto fake = seen.reply(603, {}, "fake");
  thief->send(fake, n.at());
  co_await core::sleep_for(ring.env(), 100ms);
  CHECK(n.metrics.drops()["sip_foreign_response"] == 1);
  bob->reply(seen, 200);
  (void)co_await alice->hear_status(200);
  CHECK(bob->silent());
  for (auto* p : {alice.get(), bob.get(), thief.get()}) co_await p->hang_up();
}

}  // namespace

TEST_CASE("an end of a dialog reaches nobody else through the node of the other end, neither by a Path nor by another's name") {
  sip_ring ring(95, 2);
  ring.run(behind_the_token(ring));
}

TEST_CASE("a token from a 180 relays nothing for anybody else, whatever method, tag, target or From he writes") {
  sip_ring ring(60, 1);
  ring.run(stolen_token(ring));
}

TEST_CASE("an end of a dialog reaches the other end by its token, and nobody besides") {
  sip_ring ring(61, 1);
  ring.run(own_token_abused(ring));
}

TEST_CASE("a Path from a record, sent by UDP, is a stranger's") {
  sip_ring ring(62, 2);
  ring.run(path_by_udp(ring));
}

TEST_CASE("a Path is used by nodes with authority for the domain only, on connections that show their certificates") {
  sip_ring ring(63, 1);
  ring.run(path_by_node(ring));
}

TEST_CASE("what another node passes on is of many, and never waits for one source's rate") {
  sip::service_options o;
  o.rates.source_messages_per_second = 0.1;
  o.rates.source_messages_burst = 5;
  sip_ring ring(149, 1, o);
  ring.run(node_beyond_the_rate(ring));
}

TEST_CASE("a record makes a node dial nothing that its signer has not shown to be") {
  sip_ring ring(64, 2);
  ring.run(poisoned_records(ring));
}

TEST_CASE("a Path in a record of another user leads nowhere") {
  sip_ring ring(65, 1);
  ring.run(path_of_another(ring));
}

TEST_CASE("when a caller's node has died, another one carries the dialog on, by address or by credentials") {
  sip_ring ring(66, 3);
  ring.run(another_node(ring, false));
}

TEST_CASE("it does so to a phone that hangs on a third node") {
  sip_ring ring(67, 3);
  ring.run(another_node(ring, true));
}

TEST_CASE("a dialog goes on through a node that has started anew") {
  sip_ring ring(68, 1);
  ring.run(restarted(ring));
}

TEST_CASE("an ACK from a new address goes on by the credentials of its INVITE, and by no others") {
  sip_ring ring(143, 1);
  ring.run(acknowledged_by_credentials(ring));
}

TEST_CASE("it does so over a new connection") {
  sip_ring ring(144, 1);
  ring.run(acknowledged_over_tcp(ring));
}

TEST_CASE("an ACK whose Request-URI is the proxy goes where its token says") {
  for (const bool by_tcp : {false, true}) {
    sip_ring ring(by_tcp ? 145 : 146, 1);
    ring.run(acknowledged_at_the_proxy(ring, by_tcp));
  }
}

TEST_CASE("who has seen a branch neither cancels the request nor answers it") {
  sip_ring ring(69, 1);
  ring.run(seen_branches(ring));
}

}  // namespace proxy_authority_test
