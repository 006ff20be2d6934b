#include "peer/lower_layers.hpp"

#include <algorithm>

#include "peer/make_topology.hpp"

namespace phyllo::overlay {
namespace {

messenger_options message_options(const peer_options& o, const identity::configuration& c, bool forwards) {
  return {.initial_ttl = c.initial_ttl,
          .end_to_end_timer = std::chrono::milliseconds(c.overlay_reliability_timer_ms),
          .message_max = c.max_message_size,
          .sends_max = o.end_to_end_sends,
          .forwards = forwards};
}

}  // namespace

lower_layers::lower_layers(core::environment& env, const peer_options& options, const std::shared_ptr<const identity::credential>& self,
                           const identity::configuration& document, identity::trust& trust, transport::link_layer& layer,
                           core::metrics& metrics, const core::logger& log, topology_observer& above_topology,
                           messenger_observer& above_messages)
    : env_(env),
      clock_(env, log.of("overlay")),
      links_(self->certificate.node()),
      topology_(
          make_topology(document, {env, self, trust, layer, links_, messenger_, making_, clock_, metrics, log}, options, above_topology)),
      messenger_(env, message_options(options, document, topology_->forwards()), self, topology_->routes(), links_, trust, metrics,
                 log.of("overlay"), topology_->hears(), above_messages),
      making_(env, self->certificate.node(), trust, layer, links_, messenger_, metrics, topology_->links()),
      alarm_(env.make_timer()) {
  messenger_.set_configuration_sequence(document.sequence);
}

void lower_layers::start(core::task_scope& tasks) {
  topology_->start();
  making_.start();
  tasks.spawn(messenger_.requests().run());
  tasks.spawn(run_agenda());
}

core::awaitable<void> lower_layers::run_agenda() {
  while (true) {  // ends by cancellation
    const auto now = env_.now();
    messenger_.expire_held(now);
    topology_->run_due(now);
    alarm_->set(std::max(std::min(messenger_.held_until(), topology_->next_due()), env_.now()));
    co_await alarm_->wait();
  }
}

void lower_layers::halt() {
  topology_->halt();
  messenger_.stop();
  for (const auto& l : links_.all()) {
    l->observe(nullptr);
    l->close();
    links_.remove(*l);
  }
}

core::awaitable<void> lower_layers::stop() {
  co_await making_.stop();
  co_await topology_->stop();
}

void lower_layers::describe(peer_status& s) const {
  ring().describe(s);
  for (const auto& n : links_.peers()) {
    const auto* l = links_.to(n);
    if (l == nullptr) continue;
    auto& e = s.links.emplace_back(peer_status::link_entry{n, l->remote(), l->kind(), {}, l->by()});
    for (const auto& c : ring().heard_places(n)) {
      if (std::ranges::find(e.listens, c.at) == e.listens.end()) e.listens.push_back(c.at);
    }
  }
  s.clock = clock_.text();
}

}  // namespace phyllo::overlay
