// Of the plug-in: what its peer asks of it, and has it carry by links for storage and revocations.
#include "pastry/pastry.hpp"
#include "reload/await_answer.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;

query_type query_type_of(link_subject s) {
  switch (s) {
    case link_subject::sync: return query_type::sync;
    case link_subject::revocations: return query_type::revocations;
    case link_subject::document: break;
  }
  return query_type::document;
}

message_contents to_message(const update_request& u) {
  message_contents m;
  m.code = code::update_req;
  m.body = u.print();
  return m;
}

}  // namespace

std::vector<member> pastry::members() const {
  std::vector<member> out;
  out.push_back({ring_.self(), incarnation_, ring_.active, false});
  for (const auto& n : ring_.leafs.members()) {
    if (const auto* r = ring_.find(n)) out.push_back({n, r->incarnation, r->active, r->suspect || !r->linked});
  }
  return out;
}

bool pastry::has_failed(const node_id& n) const {
  const auto* until = failed_.find(n);
  const auto* r = ring_.find(n);
  return until != nullptr && env_.now() < *until && (r == nullptr || !r->linked);
}

core::duration pastry::round_trip(const node_id& to) const {
  const auto* r = ring_.find(to);
  return r == nullptr ? core::duration{} : r->rtt;
}

std::vector<node_id> pastry::adjacent() const {
  if (ring_.leafs.empty()) return {};
  return {ring_.leafs.left_neighbour(), ring_.leafs.right_neighbour()};
}

std::vector<node_id> pastry::far_peers() const {
  std::vector<node_id> out;
  for (const auto& [slot, e] : ring_.table.entries()) out.push_back(e.node);
  return out;
}

// Exact while the whole ring is known.
double pastry::responsible_share() const { return 1.0 / static_cast<double>(ring_.leafs.members().size() + 1); }

void pastry::describe(peer_status& s) const {
  s.state = state_;
  s.self = ring_.self();
  s.leaf_set.size = options_.leaf_set;
  s.leaf_set.left = ring_.leafs.left();
  s.leaf_set.right = ring_.leafs.right();
  for (const auto& [slot, e] : ring_.table.entries()) {
    const std::chrono::duration<double, std::milli> rtt = e.rtt;
    s.routing_table.push_back({slot.first, slot.second, e.node, rtt.count()});
  }
  s.waits_for = waits_for();
  if (!client_) return;
  s.attachments = client_->attachments();
  s.known_places = client_->known_places();
}

core::awaitable<core::result<core::bytes>> pastry::ask_on_link(node_id with, link_subject what, core::bytes question,
                                                               core::time_point deadline) {
  const auto type = query_type_of(what);
  route_query_request q;
  q.target = destination::to_node(with);
  q.type = type;
  q.content = std::move(question);
  message_contents m;
  m.code = code::route_query_req;
  m.body = q.print();
  destination_list list{destination::to_node(with)};
  const messenger::request_options by_link{.link_only = true};
  const auto answered = co_await await_answer(env_, messenger_, std::move(list), std::move(m), deadline, by_link);
  if (!answered) co_return core::fail(answered.error());
  if (const auto error = read_error(answered->contents)) co_return core::fail(to_error(*error));
  auto a = route_query_answer::read(answered->contents.body);
  if (!a || a->type != type) co_return core::fail(errc::invalid_message, "RouteQueryAns of another type");
  co_return std::move(a->content);
}

void pastry::answer_on_link(const received_request& r, link_subject what, core::bytes content) {
  route_query_answer a;
  a.next_peer = ring_.self();
  a.type = query_type_of(what);
  a.content = std::move(content);
  messenger_.respond(r, answer_to(r, a.print()));
}

void pastry::announce_synced(const arc& where, std::uint64_t view) {
  update_request u;
  u.type = update_type::synced;
  u.first = where.first;
  u.last = where.last;
  u.view = view;
  const auto m = to_message(u);
  for (const auto& n : ring_.leafs.members()) messenger_.request({destination::to_node(n)}, m, env_.now() + 5s, {.link_only = true}, {});
}

void pastry::announce_revocations(const std::vector<node_id>& to, core::bytes announcement) {
  update_request u;
  u.type = update_type::revocations;
  u.content = std::move(announcement);
  const auto m = to_message(u);
  for (const auto& n : to) messenger_.request({destination::to_node(n)}, m, env_.now() + 5s, {.link_only = true}, {});
}

}  // namespace phyllo::overlay
