// Supernodes' SIP services on real sockets of 127.50.0.0/16, over one overlay in memory, with certificates of one authority.
#pragma once

#include <doctest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "memory_overlay.hpp"
#include "phone.hpp"
#include "phyllo/identity/trust.hpp"
#include "phyllo/sip/service.hpp"
#include "phyllo/transport/host.hpp"
#include "sip_authority.hpp"
#include "support/run.hpp"

namespace phyllo::testing {

class sip_node final : public transport::datagram_service, public transport::stream_service {
 public:
  sip_node(core::environment& env, memory_ring& ring, const sip_authority& authority, std::string address, unsigned number,
           const sip::service_options& base, sip::secret_source secrets)
      : address_(std::move(address)), overlay_(ring, sip_authority::id_of(number)) {
    REQUIRE(trust_.update({authority.ca.certificate_der()}, {}));
    transport::host_options h;
    h.address = asio::ip::make_address(address_);
    h.ports = {0, 5060, 5061, 0, 0, 0};
    const auto credential = authority.credential(number, "node" + std::to_string(number) + "@example.com", {"example.com"});
    auto opened = transport::host::open(env, h, credential, trust_, {}, metrics, {});
    REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().message()));
    host_ = std::move(*opened);
    auto o = base;
    o.self = sip_authority::id_of(number);
    o.domains = {"example.com"};
    o.advertised_address = address_;
    o.keys = authority.keys;
    o.trust = &trust_;
    service = sip::service::create(env, o, *host_, overlay_, std::move(secrets), metrics, {});
    serve_with(this, this);
  }

  void on_datagram(transport::datagram_port& port, const transport::incoming_datagram& d) override {
    if (!deaf) service->on_datagram(port, d);
  }
  void on_stream(std::unique_ptr<transport::stream> s) override {
    if (deaf) return unheard_.push_back(std::move(s));
    service->on_stream(std::move(s));
  }

  [[nodiscard]] std::string at() const { return address_ + ":5060"; }

  core::awaitable<void> stop() {
    if (!host_) co_return;
    co_await service->stop();
    serve_with(nullptr, nullptr);
    unheard_.clear();
    co_await host_->stop();
    service.reset();
    host_.reset();
  }

  // A stream that came while it was deaf, for the test to speak on; null: none.
  std::unique_ptr<transport::stream> take_unheard() {
    if (unheard_.empty()) return nullptr;
    auto s = std::move(unheard_.front());
    unheard_.erase(unheard_.begin());
    return s;
  }

  // Node-IDs that this node is told to believe no more.
  void revoke(const sip_authority& authority, std::vector<identity::node_id> bad) {
    REQUIRE(trust_.update({authority.ca.certificate_der()}, std::move(bad)));
  }

  core::metrics metrics;
  std::unique_ptr<sip::service> service;
  bool deaf = false;  // it takes connections and datagrams, and says nothing

 private:
  void serve_with(transport::datagram_service* datagrams, transport::stream_service* streams) {
    host_->serve(transport::datagram_kind::text, datagrams);
    host_->serve(transport::stream_kind::text, streams);
  }

  std::string address_;
  identity::trust trust_{"ring.example.com"};
  memory_overlay overlay_;
  std::unique_ptr<transport::host> host_;
  std::vector<std::unique_ptr<transport::stream>> unheard_;
};

class sip_ring {
 public:
  // Nodes 127.50.`net`.1 ...; users alice, bob, carol and user0..user999, all with the password "secret".
  sip_ring(std::uint8_t net, unsigned nodes, const sip::service_options& o = {}) : net_(net), options_(o), ring(*world.env) {
    for (unsigned i = 1; i <= nodes; ++i) nodes_.push_back(make_node(i));
  }

  // A new process in the place of a node: it knows what the ring knows, and nothing more; or what it has kept, too.
  core::awaitable<void> restart(unsigned number, bool with_what_it_kept = false) {
    std::string kept;
    if (with_what_it_kept) kept = node(number).service->take_bindings(true).text;
    co_await node(number).stop();
    nodes_.at(number - 1) = make_node(number, std::move(kept));
  }

  sip_node& node(unsigned number) { return *nodes_.at(number - 1); }
  [[nodiscard]] core::environment& env() { return *world.env; }
  [[nodiscard]] std::string place(unsigned last) const { return "127.50." + std::to_string(net_) + "." + std::to_string(last); }

  std::unique_ptr<phone> make_phone(std::string user, unsigned last, std::string password = "secret") {
    return std::make_unique<phone>(env(), std::move(user), place(last).c_str(), std::move(password));
  }

  // Runs the test, then stops all nodes and the phones that it left.
  void run(core::awaitable<void> test, std::chrono::seconds limit = std::chrono::seconds(30)) { world.run(whole(std::move(test)), limit); }

  bool secrets_broken = false;
  unsigned secrets_asked = 0;
  std::set<identity::node_id> failed;  // nodes that the overlay has found dead

 private:
  core::awaitable<void> whole(core::awaitable<void> test) {
    co_await std::move(test);
    for (const auto& n : nodes_) co_await n->stop();
  }

  std::unique_ptr<sip_node> make_node(unsigned number, std::string kept = {}) {
    const auto secrets = [this](std::string user, std::string algorithm, bool whole) {
      return secret_of(std::move(user), std::move(algorithm), whole);
    };
    auto o = options_;
    o.bindings = std::move(kept);
    o.has_failed = [this](const identity::node_id& n) { return failed.contains(n); };
    return std::make_unique<sip_node>(*world.env, ring, authority, place(number), number, o, secrets);
  }

  core::awaitable<core::result<std::string>> secret_of(std::string user, std::string algorithm, bool whole) {
    ++secrets_asked;
    if (secrets_broken) co_return core::fail(overlay::errc::timed_out);
    const auto name = user.substr(0, user.find('@'));
    const bool known = name == "alice" || name == "bob" || name == "carol" || name.starts_with("user");
    if (!known || user != name + "@example.com") co_return core::fail(overlay::errc::not_found);
    co_return sip::digest_hash(sip::parse_digest_algorithm(algorithm).value(), (whole ? user : name) + ":example.com:secret");
  }

  std::uint8_t net_;
  sip::service_options options_;

 public:
  sip_authority authority;
  real_world world;
  memory_ring ring;

 private:
  std::vector<std::unique_ptr<sip_node>> nodes_;
};

// Registers by digest; the 200.
inline core::awaitable<sip::message> register_phone(phone& p, sip_node& at, std::uint32_t expires = 3600, std::string contact = {}) {
  static unsigned calls = 0;
  const auto call_id = "register-" + std::to_string(++calls);
  const auto to = "<sip:" + p.user() + "@example.com>";
  auto first = p.make("REGISTER", "sip:example.com", to, 1, call_id);
  p.send(first, at.at());
  const auto challenge = co_await p.hear_status(401);
  auto second = p.make("REGISTER", "sip:example.com", to, 2, call_id);
  if (!contact.empty()) {
    second.remove_headers("Contact");
    REQUIRE(second.add_header("Contact", contact).has_value());
  }
  REQUIRE(second.add_header("Expires", std::to_string(expires)).has_value());
  p.authorize(second, challenge);
  p.send(second, at.at());
  co_return co_await p.hear_status(200);
}

}  // namespace phyllo::testing
