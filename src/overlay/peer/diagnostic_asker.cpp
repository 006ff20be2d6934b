#include "peer/diagnostic_asker.hpp"

#include <algorithm>

#include "peer/diagnostic_access.hpp"
#include "phyllo/core/wire.hpp"
#include "phyllo/overlay/errc.hpp"
#include "reload/await_answer.hpp"
#include "reload/diagnostic_messages.hpp"
#include "reload/message.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
constexpr std::uint64_t request_valid_ms = 60'000;
constexpr std::size_t trace_hops_max = 32;
constexpr core::duration hop_timeout = 3s;

std::optional<std::uint64_t> number_in(const core::bytes* content, unsigned size) {
  if (content == nullptr || content->size() != size) return std::nullopt;
  std::uint64_t v = 0;
  for (const auto b : *content) v = v << 8 | b;
  return v;
}

// The sum over all Kinds.
std::optional<std::uint64_t> instances_in(const core::bytes* content) {
  if (content == nullptr) return std::nullopt;
  core::wire_reader r(*content);
  std::uint64_t sum = 0;
  while (r.ok() && !r.empty()) {  // ends with the content
    r.u32();
    sum += r.u64();
  }
  if (!r.ok()) return std::nullopt;
  return sum;
}

trace_hop to_hop(const answer& a, const diagnostics_response& d, core::duration round_trip) {
  trace_hop hop;
  hop.node = a.from;
  hop.round_trip = round_trip;
  hop.links = a.hops;
  hop.load = number_in(d.find(diagnostic_kind::status_info), 1);
  hop.routing_table_size = number_in(d.find(diagnostic_kind::routing_table_size), 4);
  hop.uptime_s = number_in(d.find(diagnostic_kind::app_uptime), 8);
  hop.values_stored = instances_in(d.find(diagnostic_kind::instances_stored));
  return hop;
}

}  // namespace

core::awaitable<core::result<ping_outcome>> diagnostic_asker::ping(destination_list to, core::duration timeout) {
  const auto start = env_.now();
  message_contents m;
  m.code = code::ping_req;
  m.body = encode_ping_request();
  const auto deadline = start + timeout;
  auto answered = co_await await_answer(env_, messenger_.requests(), std::move(to), std::move(m), deadline);
  if (!answered) co_return core::fail(answered.error());
  if (const auto error = read_error(answered->contents)) co_return core::fail(to_error(*error));
  co_return ping_outcome{answered->from, env_.now() - start, answered->hops, std::move(answered->path)};
}

// "the initiator node A asks its first hop peer B ... to return next hop peer C", until one names itself.
core::awaitable<core::result<trace_outcome>> diagnostic_asker::trace(destination target, core::duration timeout) {
  const auto deadline = env_.now() + timeout;
  trace_outcome out{.from = self(), .hops = {}, .stopped = {}};
  std::vector<node_id> seen{self()};
  auto next = ring_.next_peer(target);
  while (next != self() && seen.size() <= trace_hops_max) {  // ends at the target, with a failure, or with too many
    if (std::ranges::find(seen, next) != seen.end()) {
      out.stopped = core::error(errc::refused, "the path returns to " + next.hex());
      co_return out;
    }
    auto hop = co_await hop_at(seen.back(), next, target, std::min(deadline, env_.now() + hop_timeout));
    if (!hop) {
      out.stopped = hop.error();
      co_return out;
    }
    seen.push_back(next);
    out.hops.push_back(hop->first);
    if (hop->second == next) co_return out;
    next = hop->second;
  }
  if (next != self()) out.stopped = core::error(errc::unreachable, "more than " + std::to_string(trace_hops_max) + " hops");
  if (next == self() && !out.hops.empty()) out.stopped = core::error(errc::refused, "the path returns here");
  co_return out;
}

// By way of the one before it, whose link to it is what a message for the target would take.
core::awaitable<core::result<std::pair<trace_hop, node_id>>> diagnostic_asker::hop_at(node_id before, node_id node, destination target,
                                                                                      core::time_point deadline) {
  const auto start = env_.now();
  const auto now = core::unix_milliseconds(env_.wall_now());
  const auto permitted = permitted_diagnostics(self(), document_.content.diagnostics);
  const path_track_request p{std::move(target), {now + request_valid_ms, now, permitted, {}}};
  message_contents m;
  m.code = code::path_track_req;
  m.body = p.encode();
  destination_list to;
  if (before != self()) to.push_back(destination::to_node(before));
  to.push_back(destination::to_node(node));
  const auto answered = co_await await_answer(env_, messenger_.requests(), std::move(to), std::move(m), deadline);
  if (!answered) co_return core::fail(answered.error());
  if (const auto error = read_error(answered->contents)) co_return core::fail(to_error(*error));
  const auto a = path_track_answer::decode(answered->contents.body);
  if (!a || a->next_hop.type != destination_type::node) co_return core::fail(errc::invalid_message, "PathTrackAns");
  co_return std::pair(to_hop(*answered, a->response, env_.now() - start), a->next_hop.id);
}

}  // namespace phyllo::overlay
