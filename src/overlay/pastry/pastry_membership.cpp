#include "pastry/pastry_membership.hpp"

#include <chrono>

#include "pastry/topology_messages.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
constexpr core::duration told_timeout = 5s;

}  // namespace

void pastry_membership::begin() {
  own_.begin(incarnation_);
  if (first_) activate();
}

void pastry_membership::activate() {
  own_.become(peer_state::ready);
  ring_.active = true;
  own_.formation().reset();  // of a ring that was: this one is
  const auto name = [](const std::vector<node_id>& side) { return side.empty() ? std::string("nobody") : side.front().hex(); };
  parts_.log.info("active between {} and {}", name(ring_.leafs.left()), name(ring_.leafs.right()));
  for (const auto& n : parts_.links.peers()) {
    update_request u;
    u.state = own_.tell_to(n);
    message_contents m;
    m.code = code::update_req;
    m.body = u.encode();
    parts_.messages.requests().ask({destination::to_node(n)}, std::move(m), parts_.env.now() + told_timeout, {.link_only = true}, {});
  }
  up_.on_activated();
  changed();
}

void pastry_membership::say_leave() {
  own_.become(peer_state::leaving);
  ring_.active = false;
  message_contents m;
  m.code = code::leave_req;
  m.body = leave_request{ring_.self()}.encode();
  auto& e = m.extensions.emplace_back();
  e.type = leave_request::extension_type;
  core::wire_writer w(e.content);
  own_.tell().write(w);
  for (const auto& n : parts_.links.peers()) {
    parts_.messages.requests().ask({destination::to_node(n)}, m, parts_.env.now() + told_timeout, {.link_only = true}, {});
  }
  up_.on_members_changed();
}

void pastry_membership::changed() {
  upkeep_.look_at(parts_.env.now() + 1s);  // a neighbour may be another
  up_.on_members_changed();
  parts_.messages.release_held();
}

}  // namespace phyllo::overlay
