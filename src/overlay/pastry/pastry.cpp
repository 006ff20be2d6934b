#include "pastry/pastry.hpp"

#include <algorithm>

#include "pastry/role_parts.hpp"

namespace phyllo::overlay {

// Parts that work with each other have references to each other, some to what is made later: none is used before start().
pastry::pastry(const topology_parts& parts, const peer_options& options, role_maker role, topology_observer& up)
    : ring_(parts.self->certificate.node(), options.leaf_set, options.digit_bits, options.neighborhood),
      failed_(core::random_hash_key(parts.env), core::random_hash_key(parts.env), core::random_hash_key(parts.env)),
      own_(parts.env, parts.layer, ring_, failed_),
      membership_(parts, own_, ring_, schedule_, options, up),
      admission_(parts.self, parts.trust, ring_, parts.links, options.members, core::random_hash_key(parts.env),
                 core::random_hash_key(parts.env)),
      views_({parts, own_, ring_, failed_, admission_, probes_, failures_, table_, membership_, clocks_, joiner_, role_, scope_},
             options.leaf_set),
      probes_(parts.env, own_, parts.messages, views_),
      clocks_(parts, ring_, probes_, schedule_, up),
      failures_({parts, own_, ring_, failed_, admission_, probes_, table_, membership_, schedule_, clocks_, role_, up, views_, scope_},
                options.leaf_set),
      table_({parts.env, ring_, parts.links, parts.making, parts.messages, failed_.lost(), parts.metrics}, options.replica_choice > 0,
             views_),
      role_(role({parts, own_, ring_, failed_, admission_, probes_, failures_, membership_, clocks_, views_, joiner_, seeker_}, options)),
      joiner_({parts, own_, ring_, failed_, probes_, table_, membership_, clocks_, views_, scope_}),
      knowledge_(parts.env, own_, ring_, failed_, joiner_.forming(), role_, options.leaf_set),
      carrier_(parts.env, ring_, parts.messages, probes_),
      requests_({parts, own_, ring_, admission_, failures_, table_, membership_, views_, knowledge_, up}),
      links_({parts, own_, ring_, admission_, probes_, failures_, requests_, role_}, options.replica_choice > 0),
      seeker_({parts, ring_, failed_, probes_, failures_, views_, joiner_, schedule_, scope_}),
      upkeep_({parts, ring_, failed_, admission_, probes_, failures_, table_, clocks_, joiner_, requests_, links_, seeker_, schedule_},
              options.heartbeat, options.digit_bits),
      scope_(parts.env) {
  ring_.replica_choice = options.replica_choice;
  if (options.members) own_.formation().emplace(ring_.self(), *options.members);
}

void pastry::start() {
  upkeep_.begin();
  membership_.begin();
}

void pastry::run_due(core::time_point now) {
  failures_.run_due(now);
  upkeep_.run_due(now);
}

core::time_point pastry::next_due() const { return std::min(failures_.machine().next_due(), upkeep_.next_due()); }

void pastry::halt() {
  own_.become(peer_state::left);
  ring_.active = false;
  role_->halt();
  table_.halt();
  scope_.cancel();
}

core::awaitable<void> pastry::stop() {
  halt();
  co_await role_->stop();
  co_await table_.stop();
  co_await scope_.join();
}

}  // namespace phyllo::overlay
