#include "pastry/state_probes.hpp"

#include <chrono>

#include "pastry/topology_messages.hpp"

namespace phyllo::overlay {
namespace {

constexpr core::duration probe_timeout = std::chrono::seconds(3);

}  // namespace

void state_probes::send(const node_id& n, std::uint8_t flags) {
  route_query_request q;
  q.target = destination::to_node(n);
  q.type = query_type::probe;
  q.state = own_.tell_to(n, flags);
  message_contents m;
  m.code = code::route_query_req;
  m.body = q.encode();
  ++open_[n];
  auto done = [this, n](const core::result<answer>& a) {
    if (const auto open = open_.find(n); open != open_.end() && --open->second == 0) open_.erase(open);
    up_.on_probe_answered(n, a);
  };
  messenger_.requests().ask({destination::to_node(n)}, std::move(m), env_.now() + probe_timeout, {.link_only = true}, std::move(done));
}

}  // namespace phyllo::overlay
