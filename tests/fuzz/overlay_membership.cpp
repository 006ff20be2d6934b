// JoinReq, LeaveReq and JoinAns with the Pastry plug-in's data.
#include "overlay/pastry/topology_messages.hpp"
#include "round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const phyllo::core::byte_view input(data, size);
  phyllo::fuzz::reencoded<phyllo::overlay::membership_request>(input);
  phyllo::fuzz::reencoded<phyllo::overlay::leave_request>(input);
  if (const auto s = phyllo::overlay::decode_join_answer(input)) {
    const auto text = phyllo::overlay::encode_join_answer(*s);  // without places that nobody can dial
    const auto again = phyllo::overlay::decode_join_answer(text);
    if (!again || phyllo::overlay::encode_join_answer(*again) != text) std::abort();
  }
  return 0;
}
