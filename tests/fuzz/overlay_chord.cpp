// ChordUpdate, LeaveReq with ChordLeaveData, JoinReq, RouteQueryReq and ChordRouteQueryAns of CHORD-RELOAD.
#include "overlay/chord/chord_messages.hpp"
#include "round_trip.hpp"

namespace {

// Of those that pass over what extensions have put there.
template <class T>
void understood(phyllo::core::byte_view input) {
  const auto first = T::decode(input);
  if (!first) return;
  const auto second = T::decode(first->encode());
  if (!second || !(*second == *first)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace phyllo;
  const core::byte_view input(data, size);
  fuzz::encoded<overlay::chord_update>(input);
  fuzz::encoded<overlay::chord_leave_request>(input);
  fuzz::encoded<overlay::chord_route_query_answer>(input);
  understood<overlay::chord_join_request>(input);
  understood<overlay::chord_route_query_request>(input);
  return 0;
}
