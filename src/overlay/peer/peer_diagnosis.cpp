// Of the peer: diagnosis (RFC 7851): PathTrack and Ping with diagnostics, answered; the way to a node or key, traced.
#include <algorithm>

#include "peer/diagnostic_access.hpp"
#include "peer/peer_impl.hpp"
#include "reload/diagnostic_messages.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
constexpr std::uint64_t request_valid_ms = 60'000;
constexpr std::uint64_t answer_valid_ms = 60'000;
constexpr std::size_t trace_hops_max = 32;
constexpr core::duration hop_timeout = 3s;

core::bytes number(std::uint64_t v, unsigned size) {
  core::bytes out;
  core::wire_writer w(out);
  if (size == 1) w.u8(static_cast<std::uint8_t>(v));
  if (size == 4) w.u32(static_cast<std::uint32_t>(v));
  if (size == 8) w.u64(v);
  return out;
}

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

core::bytes peer_impl::instances_stored() const {
  core::bytes out;
  core::wire_writer w(out);
  for (const auto& [kind, count] : storage_->instances()) {
    w.u32(kind);
    w.u64(count);
  }
  return out;
}

std::vector<diagnostic> peer_impl::told(std::uint64_t flags) const {
  std::vector<diagnostic> out;
  const auto asked = [&](std::uint16_t kind) { return flags == all_diagnostics || (flags & diagnostic_flag(kind)) != 0; };
  if (asked(diagnostic_kind::status_info)) out.push_back({diagnostic_kind::status_info, number(stored_.load(), 1)});
  if (asked(diagnostic_kind::routing_table_size))
    out.push_back({diagnostic_kind::routing_table_size, number(topology_->knows().far_peers().size(), 4)});
  if (asked(diagnostic_kind::app_uptime))
    out.push_back({diagnostic_kind::app_uptime, number(static_cast<std::uint64_t>(uptime().count()), 8)});
  if (asked(diagnostic_kind::instances_stored)) out.push_back({diagnostic_kind::instances_stored, instances_stored()});
  return out;
}

diagnostics_response peer_impl::diagnose(const diagnostics_request& d, std::uint8_t ttl) const {
  const auto now = core::unix_milliseconds(env_.wall_now());
  return {now + answer_valid_ms, d.initiated_ms, now, ttl, told(d.flags)};
}

void peer_impl::on_path_track(const received_request& r) {
  const auto p = path_track_request::read(r.contents.body);
  if (!p) return messenger_.respond(r, make_error(error_code::invalid_message, "PathTrackReq"));
  if (auto refused = judge_diagnosis(p->request, r.signer.node(), document_.current().content.diagnostics, env_.wall_now()))
    return messenger_.respond(r, std::move(*refused));
  const path_track_answer a{destination::to_node(topology_->knows().next_peer(p->target)), diagnose(p->request, r.ttl)};
  messenger_.respond(r, answer_to(r, a.print()));
}

void peer_impl::on_diagnostic_ping(const received_request& r) {
  const auto at = std::ranges::find(r.contents.extensions, diagnostic_ping_extension, &extension::type);
  const auto d = at == r.contents.extensions.end() ? core::fail(errc::invalid_message, "PingReq") : diagnostics_request::read(at->content);
  if (!d || !check_ping_request(r.contents.body)) return messenger_.respond(r, make_error(error_code::invalid_message, "PingReq"));
  if (auto refused = judge_diagnosis(*d, r.signer.node(), document_.current().content.diagnostics, env_.wall_now()))
    return messenger_.respond(r, std::move(*refused));
  message_contents m;
  m.code = code::ping_req + 1;
  m.body = ping_answer{core::random_u64(env_), core::unix_milliseconds(env_.wall_now())}.print();
  m.extensions.push_back({.type = diagnostic_ping_extension, .critical = false, .content = diagnose(*d, r.ttl).print()});
  messenger_.respond(r, std::move(m));
}

core::awaitable<core::result<trace_outcome>> peer_impl::trace(node_id node, core::duration timeout) {
  return trace_to(destination::to_node(node), timeout);
}

core::awaitable<core::result<trace_outcome>> peer_impl::trace_root(resource_id key, core::duration timeout) {
  return trace_to(destination::to_resource(key), timeout);
}

// "the initiator node A asks its first hop peer B ... to return next hop peer C", until one names itself.
core::awaitable<core::result<trace_outcome>> peer_impl::trace_to(destination target, core::duration timeout) {
  const auto deadline = env_.now() + timeout;
  trace_outcome out{.from = self(), .hops = {}, .stopped = {}};
  std::vector<node_id> seen{self()};
  auto next = topology_->knows().next_peer(target);
  while (next != self() && seen.size() <= trace_hops_max) {  // ends at the target, with a failure, or with too many
    if (std::ranges::find(seen, next) != seen.end()) {
      out.stopped = core::error(errc::refused, "the path returns to " + next.hex());
      co_return out;
    }
    auto hop = co_await trace_hop_at(seen.back(), next, target, std::min(deadline, env_.now() + hop_timeout));
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
core::awaitable<core::result<std::pair<trace_hop, node_id>>> peer_impl::trace_hop_at(node_id before, node_id node, destination target,
                                                                                     core::time_point deadline) {
  const auto start = env_.now();
  const auto now = core::unix_milliseconds(env_.wall_now());
  const auto permitted = permitted_diagnostics(self(), document_.current().content.diagnostics);
  const path_track_request p{std::move(target), {now + request_valid_ms, now, permitted, {}}};
  message_contents m;
  m.code = code::path_track_req;
  m.body = p.print();
  destination_list to;
  if (before != self()) to.push_back(destination::to_node(before));
  to.push_back(destination::to_node(node));
  const auto answered = co_await await_answer(env_, messenger_, std::move(to), std::move(m), deadline);
  if (!answered) co_return core::fail(answered.error());
  if (const auto error = read_error(answered->contents)) co_return core::fail(to_error(*error));
  const auto a = path_track_answer::read(answered->contents.body);
  if (!a || a->next_hop.type != destination_type::node) co_return core::fail(errc::invalid_message, "PathTrackAns");
  co_return std::pair(to_hop(*answered, a->response, env_.now() - start), a->next_hop.id);
}

}  // namespace phyllo::overlay
