// What the shell of a Chord node remembers of others beside the tables of the plug-in: where they can be dialled, when they were last
// heard, and who has failed lately. Pure. Others name nodes as they like: each table has a bound, and the longest unused makes room.
#pragma once

#include <chrono>

#include "phyllo/core/bounded_map.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/overlay/name.hpp"
#include "reload/places.hpp"

namespace phyllo::overlay {

class chord_contacts {
 public:
  static constexpr std::size_t places_max = 4096;
  static constexpr std::size_t failed_max = 1024;
  static constexpr core::duration failed_for = std::chrono::seconds(90);

  explicit chord_contacts(const core::hash_key& key) : places_(places_max, key), heard_(places_max, key), failed_(failed_max, key) {}

  void learn_places(const node_id& n, const places& p);
  [[nodiscard]] places places_of(const node_id& n) const;
  void note_heard(const node_id& n, core::time_point now) { heard_.try_emplace(n).first = now; }
  [[nodiscard]] core::time_point heard(const node_id& n) const;  // min: never
  void note_linked(const node_id& n) { failed_.erase(n); }
  void note_failed(const node_id& n, core::time_point now) { failed_.try_emplace(n).first = now + failed_for; }
  // And not linked since.
  [[nodiscard]] bool has_failed(const node_id& n, core::time_point now) const;

 private:
  core::bounded_map<node_id, kept_places> places_;
  core::bounded_map<node_id, core::time_point> heard_;
  core::bounded_map<node_id, core::time_point> failed_;  // until when that counts
};

}  // namespace phyllo::overlay
