// One node of an overlay of CHORD-RELOAD (RFC 6940 s.10): the shell around the machine `chord`, which is told what comes and what time it
// is. chord_performer carries out what it wants, chord_links notices what links do, chord_knowledge says what is known.
#pragma once

#include <memory>

#include "chord/chord.hpp"
#include "chord/chord_carrier.hpp"
#include "chord/chord_contacts.hpp"
#include "chord/chord_knowledge.hpp"
#include "chord/chord_links.hpp"
#include "chord/chord_performer.hpp"
#include "phyllo/identity/configuration.hpp"
#include "reload/token_bucket.hpp"
#include "reload/topology_plugin.hpp"

namespace phyllo::overlay {

class chord_node final : public topology_plugin {
 public:
  chord_node(const topology_parts& parts, const identity::chord_settings& settings, const peer_options& options, topology_observer& up);

  [[nodiscard]] topology& routes() noexcept override { return machine_.routing(); }
  [[nodiscard]] const ring_knowledge& knows() const noexcept override { return knowledge_; }
  [[nodiscard]] link_carrier& carries() noexcept override { return carrier_; }
  [[nodiscard]] const replica_places* copies() const noexcept override { return &knowledge_; }
  [[nodiscard]] neighbour_observer& hears() noexcept override { return links_; }
  [[nodiscard]] link_maker_observer& links() noexcept override { return links_; }
  void start() override;
  core::awaitable<core::status> join(places bootstrap, core::time_point deadline) override;
  void form() override;
  void seek(places place) override;
  void say_leave() override;
  void drop_revoked() override;
  void halt() override;
  core::awaitable<void> stop() override;
  void run_due(core::time_point now) override;
  [[nodiscard]] core::time_point next_due() const override;
  void on_join(const received_request& r) override;
  void on_leave(const received_request& r) override;
  void on_update(const received_request& r) override;
  void on_route_query(received_request r) override;
  void refuse_client(const received_request& r) override;

 private:
  // Whether the request counts: of a peer, on its own link. Else it is refused.
  [[nodiscard]] bool counts(const received_request& r);

  topology_parts parts_;
  topology_observer& up_;
  bool first_;
  chord_presence presence_;
  chord machine_;
  chord_contacts contacts_;
  chord_knowledge knowledge_;
  chord_carrier carrier_;
  chord_performer performer_;
  chord_links links_;
  token_bucket update_rate_{20, 40};  // Updates that others have it send
  core::time_point next_tidying_{};
};

}  // namespace phyllo::overlay
