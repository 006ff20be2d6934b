// One active Pastry node between links whose other ends a test holds.
#pragma once

#include <memory>
#include <set>
#include <utility>

#include "overlay/support/pastry_parts.hpp"
#include "overlay/support/usual_messenger.hpp"
#include "pastry/pastry.hpp"
#include "pastry/ring_role.hpp"

namespace phyllo::testing {

struct pastry_node {
  // Another node with a link to this one.
  struct other {
    identity::credential credential;
    std::shared_ptr<noting_link> link;

    [[nodiscard]] const overlay::node_id& id() const { return credential.certificate.node(); }
  };

  static overlay::peer_options options() {
    overlay::peer_options o;
    o.first = true;
    o.leaf_set = 8;
    return o;
  }

  explicit pastry_node(const overlay::peer_options& o = options())
      : plugin({world.env(), self, trust, host, links, messenger, making, clock, metrics, core::logger()}, o, overlay::make_ring_role,
               told) {
    REQUIRE(trust.update({members.ca.certificate_der()}, {}).has_value());
    plugin.start();
  }
  ~pastry_node() {
    messenger.stop();
    world.run(making.stop());
    world.run(plugin.stop());
  }
  pastry_node(const pastry_node&) = delete;
  pastry_node& operator=(const pastry_node&) = delete;

  other meet(std::uint8_t first, bool peer = true) {
    auto credential = members.issue("node@example.org", id(first), 24h, nullptr, peer);
    auto link = std::make_shared<noting_link>(world, credential.certificate);
    links.add(link, false, world.now());
    plugin.links().on_linked(credential.certificate.node(), *link, false, true);
    return {std::move(credential), std::move(link)};
  }
  // One that has been granted its place, and is active.
  other meet_member(std::uint8_t first) {
    auto o = meet(first);
    (void)ask(o, state(overlay::leaf_set_state::flag_asks));
    (void)ask(o, state(overlay::leaf_set_state::flag_active));
    return o;
  }
  static overlay::leaf_set_state state(std::uint8_t flags) {
    overlay::leaf_set_state s;
    s.incarnation = 7;
    s.flags = flags;
    return s;
  }

  overlay::received_request request(const other& o, std::uint16_t code, core::bytes body) {
    overlay::received_request r{.contents = {},
                                .signer = o.credential.certificate,
                                .resource = {},
                                .link_peer = o.id(),
                                .direct = true,
                                .return_path = {overlay::destination::to_node(o.id())},
                                .copied_options = {}};
    r.contents.code = code;
    r.contents.body = std::move(body);
    r.transaction = world.random()();
    r.ttl = 30;
    return r;
  }
  overlay::received_request probe(const other& o, const overlay::leaf_set_state& s) {
    overlay::route_query_request q;
    q.target = overlay::destination::to_node(id(0x80));
    q.type = overlay::query_type::probe;
    q.state = s;
    return request(o, overlay::code::route_query_req, q.encode());
  }
  // What `o` is sent next to nothing else: the answer to what it has just asked.
  static overlay::message_contents answer_to(const other& o) {
    REQUIRE_FALSE(o.link->sent.empty());
    auto opened = overlay::open_payload(o.link->sent.back().payload);
    REQUIRE(opened.has_value());
    return std::move(opened->contents);
  }
  overlay::route_query_answer ask(const other& o, const overlay::leaf_set_state& s) {
    plugin.on_route_query(probe(o, s));
    auto a = overlay::route_query_answer::decode(answer_to(o).body);
    REQUIRE(a.has_value());
    return std::move(*a);
  }
  // `o` answers what it was asked by RouteQuery: it is active, and knows nobody else.
  void answer(const other& o) {
    std::set<std::uint64_t> answered;
    const auto asked = o.link->sent;
    for (const auto& s : asked) {
      const auto opened = overlay::open_payload(s.payload);
      REQUIRE(opened.has_value());
      if (opened->contents.code != overlay::code::route_query_req || !answered.insert(s.header.transaction_id).second) continue;
      overlay::message_contents m;
      m.code = overlay::code::route_query_req + 1;
      overlay::route_query_answer a;
      a.next_peer = id(0x80);
      a.state = state(overlay::leaf_set_state::flag_active);
      m.body = a.encode();
      overlay::forwarding_header h;
      h.overlay = trust.overlay_hash();
      h.configuration_sequence = 1;
      h.ttl = 30;
      h.transaction_id = s.header.transaction_id;
      h.destinations = {overlay::destination::to_node(id(0x80))};
      messenger.on_message(*o.link, h.message(overlay::seal_payload(m, h.overlay, h.transaction_id, o.credential)));
    }
  }
  // Time passes, and what is due is done; others are heard meanwhile.
  void wait(core::duration d = {}) {
    world.run_for(d);
    plugin.run_due(world.now());
    messenger.requests().run_due(world.now());
  }

  simulated_world world{1};
  simulated_overlay members{world};
  std::shared_ptr<const identity::credential> self = std::make_shared<identity::credential>(members.issue("node@example.org", id(0x80)));
  simulated_network network{world};
  simulated_host& host = network.add(self->certificate);
  identity::trust trust{members.name};
  core::metrics metrics;
  quiet observer;
  counting_observer told;
  overlay::link_table links{self->certificate.node()};
  overlay::node_clock clock{world.env(), core::logger()};
  overlay::pastry plugin;
  overlay::messenger messenger{world.env(), usual_messenger(), self,           plugin.routes(), links,
                               trust,       metrics,           core::logger(), plugin.hears(),  observer};
  overlay::link_maker making{world.env(), self->certificate.node(), trust, host, links, messenger, metrics, plugin.links()};
};

}  // namespace phyllo::testing
