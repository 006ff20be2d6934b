#include "pastry/pastry.hpp"

#include <algorithm>

#include "reload/await_answer.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t failed_named_max = 64;

// Most entries of each table; of a full one the longest unused makes room.
constexpr std::size_t unmet_max = 4096;
constexpr std::size_t failed_max = 1024;

std::uint32_t unix_seconds(core::wall_time t) {
  return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(t.time_since_epoch()).count());
}

}  // namespace

pastry::pastry(const topology_parts& parts, const peer_options& options, topology_observer& up)
    : env_(parts.env),
      self_(parts.self),
      trust_(parts.trust),
      layer_(parts.layer),
      metrics_(parts.metrics),
      log_(parts.log),
      options_(options),
      up_(up),
      ring_(self_->certificate.node(), options.leaf_set, options.digit_bits, options.neighborhood),
      links_(parts.links),
      messenger_(parts.messages),
      link_maker_(parts.making),
      clock_(parts.clock),
      admission_(core::random_hash_key(env_)),
      grant_(core::random_hash_key(env_)),
      unmet_(unmet_max, core::random_hash_key(env_)),
      failed_(failed_max, core::random_hash_key(env_)),
      rumours_(core::random_hash_key(env_), core::random_hash_key(env_), metrics_.evictions("rumours")),
      lost_(core::random_hash_key(env_)),
      table_({env_, ring_, links_, link_maker_, messenger_, lost_, metrics_}, options.replica_choice > 0, *this),
      scope_(env_) {
  ring_.replica_choice = options_.replica_choice;
  if (options_.client)
    client_.emplace(client_parts{env_, ring_, links_, link_maker_, messenger_, lost_, log_}, options_.attachments, *this);
  if (options_.members) formation_.emplace(ring_.self(), *options_.members);
}

void pastry::start() {
  started_ = env_.now();
  incarnation_ = options_.incarnation != 0 ? options_.incarnation : unix_seconds(env_.wall_now());
  plan_upkeep();
  if (options_.first) activate();
}

core::awaitable<core::status> pastry::attach_as_client(places bootstrap, core::time_point deadline) {
  const auto attached = co_await client_->attach(std::move(bootstrap), deadline);
  if (attached && state_ == peer_state::joining) {
    state_ = peer_state::ready;
    log_.info("attached to {} as an ordinary node", client_->attachments().front().hex());
  }
  co_return attached;
}

void pastry::activate() {
  state_ = peer_state::ready;
  ring_.active = true;
  formation_.reset();  // of a ring that was: this one is
  log_.info("active between {} and {}", ring_.leafs.left().empty() ? "nobody" : ring_.leafs.left().front().hex(),
            ring_.leafs.right().empty() ? "nobody" : ring_.leafs.right().front().hex());
  for (const auto& n : links_.peers()) {
    update_request u;
    u.state = my_state_for(n);
    message_contents m;
    m.code = code::update_req;
    m.body = u.print();
    messenger_.request({destination::to_node(n)}, std::move(m), env_.now() + 5s, {.link_only = true}, {});
  }
  up_.on_activated();
  members_changed();
}

leaf_set_state pastry::my_state(std::uint8_t flags) const {
  leaf_set_state s;
  s.incarnation = incarnation_;
  s.clock_ms = core::unix_milliseconds(env_.wall_now());
  s.flags = flags;
  if (ring_.active) s.flags |= leaf_set_state::flag_active;
  if (state_ == peer_state::leaving) s.flags |= leaf_set_state::flag_leaving;
  if (!ring_.active && formation_ && formation_->may_form()) s.flags |= leaf_set_state::flag_may_form;
  s.own = layer_.candidates();
  s.left = ring_.leafs.left();
  s.right = ring_.leafs.right();
  s.named = ring_.leaf_places();
  for (auto i = failed_.end(); i != failed_.begin() && s.failed.size() < failed_named_max;) {  // the newest first
    const auto& [n, until] = *--i;
    if (env_.now() < until) s.failed.push_back(n);
  }
  return s;
}

leaf_set_state pastry::my_state_for(const node_id& n, std::uint8_t flags) {
  auto& r = ring_.record(n);
  // Who has not said yet that it is active is met because it is wanted: told at once, it need not be told again.
  const bool wanted = !r.active && r.linked && (ring_.leafs.would_take(n) || ring_.table.would_take(n, r.rtt));
  r.told_used = wanted || uses(n);
  auto s = my_state(r.told_used ? flags | leaf_set_state::flag_uses : flags);
  if (ring_.active && r.active && !r.told_grants && (ring_.leafs.contains(n) || ring_.leafs.would_take(n))) {
    r.told_grants = true;
    s.grants = grants_;
  }
  return s;
}

void pastry::members_changed() {
  upkeep_.look_at(env_.now() + 1s);  // a neighbour may be another
  up_.on_members_changed();
  messenger_.release_held();
}

void pastry::run_due(core::time_point now) {
  run_detector(now);
  if (now >= upkeep_.next_due(ring_.active)) tick(now);
}

core::time_point pastry::next_due() const { return std::min(detector_.next_due(), upkeep_.next_due(ring_.active)); }

core::awaitable<core::result<answer>> pastry::ask(destination_list to, message_contents m, core::time_point deadline,
                                                  messenger::request_options o) {
  return await_answer(env_, messenger_, std::move(to), std::move(m), deadline, o);
}

void pastry::say_leave() {
  state_ = peer_state::leaving;
  ring_.active = false;
  message_contents m;
  m.code = code::leave_req;
  m.body = leave_request{ring_.self()}.print();
  auto& e = m.extensions.emplace_back();
  e.type = leave_request::extension_type;
  core::wire_writer w(e.content);
  my_state().write(w);
  for (const auto& n : links_.peers()) messenger_.request({destination::to_node(n)}, m, env_.now() + 5s, {.link_only = true}, {});
  up_.on_members_changed();
}

void pastry::halt() {
  state_ = peer_state::left;
  ring_.active = false;
  if (client_) client_->halt();
  table_.halt();
  scope_.cancel();
}

core::awaitable<void> pastry::stop() {
  halt();
  if (client_) co_await client_->stop();
  co_await table_.stop();
  co_await scope_.join();
}

void pastry::drop_revoked() {
  std::set<node_id> revoked;
  for (const auto& l : links_.all()) {
    if (trust_.check(l->peer(), env_.wall_now())) continue;
    revoked.insert(l->peer().node());
    l->close();
  }
  const auto records = ring_.records();
  for (const auto& [n, r] : records) {
    if (revoked.contains(n) || trust_.revoked(n)) fail(n, suspicion::told);
  }
}

}  // namespace phyllo::overlay
