// All who hear what happens in an overlay, as one observer.
#pragma once

#include <vector>

#include "phyllo/overlay/overlay_observer.hpp"

namespace phyllo::overlay {

class observer_list final : public overlay_observer {
 public:
  void add(overlay_observer& o) { all_.push_back(&o); }

  void on_members_changed() override {
    each([](overlay_observer& o) { o.on_members_changed(); });
  }
  void on_document(const identity::parsed_configuration& document) override {
    each([&](overlay_observer& o) { o.on_document(document); });
  }
  void on_delivered(const resource_id& key) override {
    each([&](overlay_observer& o) { o.on_delivered(key); });
  }

 private:
  // One that comes meanwhile hears of it, too.
  template <class Telling>
  void each(const Telling& tell) {
    for (std::size_t i = 0; i < all_.size(); ++i) tell(*all_[i]);
  }

  std::vector<overlay_observer*> all_;
};

}  // namespace phyllo::overlay
