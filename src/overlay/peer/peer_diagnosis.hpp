// What a node tells of itself: answers to Ping (RFC 6940 s.6.5.3) and Probe (s.6.4.2.5), and to PathTrack and Ping with diagnostics
// (RFC 7851).
#pragma once

#include <chrono>
#include <vector>

#include "peer/lower_layers.hpp"
#include "peer/storage_component.hpp"
#include "phyllo/identity/configuration.hpp"
#include "reload/diagnostic_messages.hpp"

namespace phyllo::overlay {

class peer_diagnosis {
 public:
  // References outlive it. `document` is the one that is in force, from now on.
  peer_diagnosis(core::environment& env, const identity::parsed_configuration& document, lower_layers& below,
                 const storage_component& stored, overlay_observer& up)
      : env_(env), document_(document), messenger_(below.messages()), ring_(below.ring()), storage_(stored), up_(up) {}

  void start() { started_ = env_.now(); }  // from when on it is up

  void on_ping(const received_request& r);
  void on_diagnostic_ping(const received_request& r);
  void on_path_track(const received_request& r);
  void on_probe(const received_request& r);

 private:
  [[nodiscard]] std::optional<message_contents> refusal(const diagnostics_request& d, const received_request& r) const;
  [[nodiscard]] diagnostics_response diagnose(const diagnostics_request& d, std::uint8_t ttl) const;
  [[nodiscard]] std::vector<diagnostic> told(std::uint64_t flags) const;
  [[nodiscard]] core::bytes instances_stored() const;
  [[nodiscard]] std::chrono::seconds uptime() const { return std::chrono::duration_cast<std::chrono::seconds>(env_.now() - started_); }

  core::environment& env_;
  const identity::parsed_configuration& document_;
  messenger& messenger_;
  const ring_knowledge& ring_;
  const storage_component& storage_;
  overlay_observer& up_;
  core::time_point started_{};
};

}  // namespace phyllo::overlay
