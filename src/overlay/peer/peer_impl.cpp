#include "peer/peer_impl.hpp"

#include <algorithm>
#include <utility>

#include "peer/make_topology.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
constexpr core::duration written_within = 8s;  // before a role ends: as long as a write may take by default

core::awaitable<core::result<ping_outcome>> ping_by(core::environment& env, present_stack& by, destination_list to,
                                                    core::duration timeout) {
  const auto deadline = env.now() + timeout;
  const auto at = co_await by.settled(deadline);
  if (!at) co_return core::fail(at.error());
  co_return co_await (*at)->stack.asker().ping(std::move(to), deadline - env.now());
}

core::awaitable<core::result<trace_outcome>> trace_by(core::environment& env, present_stack& by, destination to, core::duration timeout) {
  const auto deadline = env.now() + timeout;
  const auto at = co_await by.settled(deadline);
  if (!at) co_return core::fail(at.error());
  co_return co_await (*at)->stack.asker().trace(std::move(to), deadline - env.now());
}

}  // namespace

std::unique_ptr<peer> peer::create(core::environment& env, peer_options options, std::shared_ptr<const identity::credential> self,
                                   identity::parsed_configuration configuration, identity::trust& trust, transport::link_layer& links,
                                   core::metrics& metrics, core::logger log) {
  return std::make_unique<peer_impl>(env, options, std::move(self), std::move(configuration), trust, links, metrics, std::move(log));
}

peer_impl::peer_impl(core::environment& env, peer_options options, std::shared_ptr<const identity::credential> self,
                     identity::parsed_configuration configuration, identity::trust& trust, transport::link_layer& links,
                     core::metrics& metrics, core::logger log)
    : peer_records(trust, records_),
      env_(env),
      options_(std::move(options)),
      self_(std::move(self)),
      trust_(trust),
      links_(links),
      metrics_(metrics),
      log_(std::move(log)),
      document_(std::move(configuration), core::random_hash_key(env), metrics.evictions("configuration")),
      learnt_(document_.current(), trust.overlay_name()),
      present_(env),
      records_(env, present_),
      usages_(env, self_, trust, records_, hash_of(document_.current().content)) {
  make_stack();
}

void peer_impl::make_stack() {
  const stack_ground on{env_, self_, trust_, links_, metrics_, log_, document_, learnt_, served_, observers_};
  present_.replace(std::make_shared<present_stack::held>(on, options_));
  if (told_) present_->layers().clock().hear(*told_);
}

core::awaitable<core::status> peer_impl::join(std::vector<transport::candidate> bootstrap, core::time_point deadline) {
  const auto at = present_.hold();
  auto joined = may_join(document_.current().content, self_->certificate, options_.client);
  if (joined) joined = co_await at->stack.join(std::move(bootstrap), deadline);
  present_.joined_by(at);
  co_return joined;
}

core::awaitable<core::status> peer_impl::change_role(role_options to) {
  if (ended_ || present_.changing()) co_return core::fail(errc::refused, "the node ends, or changes its role already");
  if (to.client == options_.client) co_return core::fail(errc::refused, "the node has that role");
  if (auto may = may_join(document_.current().content, self_->certificate, to.client); !may) co_return may;
  present_.begin_change();
  co_await present_.written(env_.now() + written_within);
  const auto old = present_.hold();
  co_await old->stack.leave();
  take_role(std::move(to));
  co_return core::status();
}

// Others take a state for newer by its incarnation alone.
void peer_impl::take_role(role_options to) {
  const auto now = static_cast<std::uint32_t>(core::unix_milliseconds(env_.wall_now()) / 1000);
  const auto before = options_.incarnation != 0 ? options_.incarnation : now;
  to.incarnation = std::max(to.incarnation, before + 1);
  static_cast<role_options&>(options_) = std::move(to);
  options_.first = false;  // there is an overlay
  log_.of("overlay").info("the node becomes {}", options_.client ? "an ordinary one" : "a peer");
  make_stack();
}

core::awaitable<void> peer_impl::leave() {
  ended_ = true;
  present_.end_change();
  const auto at = present_.hold();
  co_await at->stack.leave();
}

core::awaitable<void> peer_impl::stop() {
  ended_ = true;
  present_.end_change();
  const auto at = present_.hold();
  co_await at->stack.stop();
}

void peer_impl::hear_time(core::told_time t) {
  told_ = t;
  present_->layers().clock().hear(std::move(t));
}

core::awaitable<core::status> peer_impl::adopt(std::string document) { co_return present_->documents().take(document, {}); }

core::awaitable<core::status> peer_impl::adopt_kind(std::string block) { co_return present_->kinds().take({block}, {}); }

core::awaitable<revocation_reach> peer_impl::reach_of_revocations(core::time_point deadline) {
  (void)co_await present_.settled(deadline);
  const auto at = present_.hold();
  co_return co_await at->stack.revocations().reach(deadline);
}

core::awaitable<core::result<std::string>> peer_impl::document_of_another() {
  const auto at = present_.hold();
  co_return co_await at->stack.documents().of_another();
}

core::awaitable<core::result<ping_outcome>> peer_impl::ping(node_id node, core::duration timeout) {
  return ping_by(env_, present_, {destination::to_node(node)}, timeout);
}

core::awaitable<core::result<ping_outcome>> peer_impl::ping_root(resource_id key, core::duration timeout) {
  return ping_by(env_, present_, {destination::to_resource(key)}, timeout);
}

core::awaitable<core::result<ping_outcome>> peer_impl::ping_by_route(std::vector<node_id> route, core::duration timeout) {
  destination_list to;
  for (const auto& n : route) to.push_back(destination::to_node(n));
  return ping_by(env_, present_, std::move(to), timeout);
}

core::awaitable<core::result<trace_outcome>> peer_impl::trace(node_id node, core::duration timeout) {
  return trace_by(env_, present_, destination::to_node(node), timeout);
}

core::awaitable<core::result<trace_outcome>> peer_impl::trace_root(resource_id key, core::duration timeout) {
  return trace_by(env_, present_, destination::to_resource(key), timeout);
}

void peer_impl::serve_application(std::uint16_t application, application_handler handler) {
  if (handler) {
    served_[application] = std::move(handler);
  } else {
    served_.erase(application);
  }
}

core::awaitable<core::result<application_offer>> peer_impl::app_attach(std::vector<node_id> route, std::uint16_t application,
                                                                       application_offer mine, core::duration timeout) {
  const auto deadline = env_.now() + timeout;
  const auto at = co_await present_.settled(deadline);
  if (!at) co_return core::fail(at.error());
  co_return co_await (*at)->stack.applications().attach(std::move(route), application, std::move(mine), deadline - env_.now());
}

bool peer_impl::claims(const resource_id& key) const {
  return present_->layers().topology().routes().decide(destination::to_resource(key), false).what == verdict::deliver;
}

}  // namespace phyllo::overlay
