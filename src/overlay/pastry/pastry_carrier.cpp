#include "pastry/pastry_carrier.hpp"

#include "pastry/topology_messages.hpp"
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
  m.body = u.encode();
  return m;
}

}  // namespace

core::awaitable<core::result<core::bytes>> pastry_carrier::ask_on_link(node_id with, link_subject what, core::bytes question,
                                                                       core::time_point deadline) {
  const auto type = query_type_of(what);
  route_query_request q;
  q.target = destination::to_node(with);
  q.type = type;
  q.content = std::move(question);
  message_contents m;
  m.code = code::route_query_req;
  m.body = q.encode();
  destination_list list{destination::to_node(with)};
  const requester::options by_link{.link_only = true};
  const auto answered = co_await await_answer(env_, messenger_.requests(), std::move(list), std::move(m), deadline, by_link);
  if (!answered) co_return core::fail(answered.error());
  if (const auto error = read_error(answered->contents)) co_return core::fail(to_error(*error));
  auto a = route_query_answer::decode(answered->contents.body);
  if (!a || a->type != type) co_return core::fail(errc::invalid_message, "RouteQueryAns of another type");
  co_return std::move(a->content);
}

void pastry_carrier::answer_on_link(const received_request& r, link_subject what, core::bytes content) {
  route_query_answer a;
  a.next_peer = ring_.self();
  a.type = query_type_of(what);
  a.content = std::move(content);
  messenger_.answers().respond(r, answer_to(r, a.encode()));
}

void pastry_carrier::announce_synced(const arc& where, std::uint64_t view) {
  update_request u;
  u.type = update_type::synced;
  u.first = where.first;
  u.last = where.last;
  u.view = view;
  const auto m = to_message(u);
  for (const auto& n : ring_.leafs.members())
    messenger_.requests().ask({destination::to_node(n)}, m, env_.now() + 5s, {.link_only = true}, {});
}

void pastry_carrier::announce_revocations(const std::vector<node_id>& to, core::bytes announcement) {
  update_request u;
  u.type = update_type::revocations;
  u.content = std::move(announcement);
  const auto m = to_message(u);
  for (const auto& n : to) messenger_.requests().ask({destination::to_node(n)}, m, env_.now() + 5s, {.link_only = true}, {});
}

}  // namespace phyllo::overlay
