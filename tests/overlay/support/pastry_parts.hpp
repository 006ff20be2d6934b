// What the parts of a Pastry node stand on, beside two neighbours whose links a test holds the other ends of.
#pragma once

#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "overlay/support/neighbours.hpp"
#include "overlay/support/node_ids.hpp"
#include "pastry/failed_nodes.hpp"
#include "pastry/own_state.hpp"
#include "pastry/pastry_membership.hpp"
#include "pastry/state_probes.hpp"
#include "pastry/topology_messages.hpp"
#include "reload/message.hpp"
#include "reload/topology_plugin.hpp"

namespace phyllo::testing {

// Counts what a plug-in hands on.
struct counting_observer final : overlay::topology_observer {
  void on_members_changed() override { ++changes; }
  void on_activated() override { ++activations; }
  void on_synced(const overlay::node_id&, const overlay::arc&, std::uint64_t) override { ++synced; }
  void on_unsynced_here(const overlay::node_id&) override { ++unsynced; }
  void on_link_question(overlay::received_request, overlay::link_subject what, core::bytes) override { questions.push_back(what); }
  void on_revocations(const overlay::node_id&, core::byte_view) override { ++revocations; }
  void on_agenda_changed() override { ++agendas; }
  core::awaitable<void> give_records(overlay::node_id, std::vector<overlay::arc>) override { co_return; }

  unsigned changes = 0, activations = 0, synced = 0, unsynced = 0, revocations = 0, agendas = 0;
  std::vector<overlay::link_subject> questions;
};

// Makes no links.
struct no_links final : overlay::link_maker_observer {
  [[nodiscard]] overlay::places places_of(const overlay::node_id&) const override { return {}; }
  void learn_places(const overlay::node_id&, const overlay::places&) override {}
  [[nodiscard]] core::time_point heard(const overlay::node_id&) const override { return {}; }
  [[nodiscard]] bool has_room_for(const overlay::node_id&) override { return false; }
  void on_linked(const overlay::node_id&, const transport::link&, bool, bool) override {}
  void on_update_wanted(const overlay::node_id&) override {}
};

struct pastry_parts : neighbours, overlay::probe_observer {
  void on_probe_answered(const overlay::node_id& n, const core::result<overlay::answer>& a) override { answered.emplace_back(n, a); }

  // Time passes, and what is due is sent.
  void wait(core::duration d = {}) {
    world.run_for(d);
    messenger.requests().run_due(world.now());
  }
  // Requests that went by the link, each once, in their order.
  [[nodiscard]] static std::vector<overlay::message_contents> asked_of(const noting_link& l) {
    std::vector<overlay::message_contents> out;
    std::set<std::uint64_t> known;
    for (const auto& s : l.sent) {
      if (!known.insert(s.header.transaction_id).second) continue;
      auto opened = overlay::open_payload(s.payload);
      REQUIRE(opened.has_value());
      out.push_back(std::move(opened->contents));
    }
    return out;
  }
  // The probes among them, by the state that they tell.
  [[nodiscard]] static std::vector<overlay::leaf_set_state> probes_of(const noting_link& l) {
    std::vector<overlay::leaf_set_state> out;
    for (const auto& m : asked_of(l)) {
      if (m.code != overlay::code::route_query_req) continue;
      const auto q = overlay::route_query_request::decode(m.body);
      REQUIRE(q.has_value());
      if (q->type == overlay::query_type::probe) out.push_back(q->state);
    }
    return out;
  }

  simulated_network network{world};
  simulated_host& host = network.add(self->certificate);
  overlay::failed_nodes failed{{1, 2}, {3, 4}, {5, 6}};
  overlay::own_state own{world.env(), host, ring, failed};
  overlay::state_probes probes{world.env(), own, messenger, *this};
  std::vector<std::pair<overlay::node_id, core::result<overlay::answer>>> answered;  // of probes

  no_links nobody;
  overlay::link_maker making{world.env(), ring.self(), trust, host, links, messenger, metrics, nobody};
  overlay::node_clock clock{world.env(), core::logger()};
  overlay::topology_parts parts{world.env(), self, trust, host, links, messenger, making, clock, metrics, core::logger()};
  overlay::upkeep_schedule upkeep;
  counting_observer told;
  overlay::pastry_membership membership{parts, own, ring, upkeep, {}, told};
};

}  // namespace phyllo::testing
