// What a node of one overlay says of itself to its operator: /status, /healthz and /metrics, gathered from its parts when it is asked.
#pragma once

#include <memory>

#include "admin/admin.hpp"
#include "admin/node_gauges.hpp"
#include "admin/node_status.hpp"
#include "assembly/document_keeper.hpp"
#include "assembly/health_probe.hpp"
#include "assembly/node_credential.hpp"
#include "assembly/node_facts.hpp"
#include "assembly/node_ports.hpp"
#include "assembly/node_progress.hpp"
#include "assembly/ring_membership.hpp"
#include "assembly/server_clock.hpp"
#include "assembly/sip_side.hpp"
#include "files/disk_watch.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/node/configuration.hpp"

namespace phyllo::node {

class node_report {
 public:
  struct parts {
    core::environment& env;
    const configuration& settings;
    core::metrics& metrics;
    const node_progress& progress;
    const server_clock& clock;
    const document_keeper& document;
    const node_ports& ports;
    const node_credential& credential;
    const ring_membership& ring;
    const sip_side& sip;
  };
  // References outlive it, those of the next three too.
  explicit node_report(const parts& p) : parts_(p), started_(p.env.now()), gauges_(p.metrics) {}
  void watch(const disk_watch& d) { disk_ = &d; }
  void watch(const overlay::peer& p) { peer_ = &p; }
  void probe_by(std::unique_ptr<health_probe> p) { probe_ = std::move(p); }

  core::awaitable<void> probe() { return probe_->run(); }  // what the node's health is known by; ends by cancellation

  [[nodiscard]] node_status status() const;
  [[nodiscard]] health healthz() const;
  void measure();  // sets what /metrics says of now

 private:
  [[nodiscard]] node_facts facts() const;

  parts parts_;
  core::time_point started_;
  node_gauges gauges_;
  const disk_watch* disk_ = nullptr;
  const overlay::peer* peer_ = nullptr;
  std::unique_ptr<health_probe> probe_;
};

}  // namespace phyllo::node
