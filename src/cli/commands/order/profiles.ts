import { unknownProfile } from "../../../imports/choose-profiles.ts";
import { orderProfiles } from "../../../domain/orders/profiles/index.ts";
import { defineCommand } from "../../command.ts";
import { addFormOptions, id, type Thing } from "../../fields.ts";
import { tellAll } from "../../list.ts";

const shippedProfile: Thing<(typeof orderProfiles)[number]> = {
  fields: { profile: id((one) => one.profile), about: { of: (one) => one.about ?? "", heading: "files" } },
};

export const command = defineCommand({
  examples: [
    ["accrue order profiles", "the platforms whose order files are read as they are"],
    ["accrue order profiles taobao > mine.json", "one of them, to start a profile of your own from"],
  ],
  offers: { profile: { words: () => orderProfiles.map(({ profile }) => profile) } },
  configure: (command) => addFormOptions(command.argument("[profile]", "the profile to print as JSON"), shippedProfile),
  run: async (session, [name]) => {
    if (name === undefined) {
      return tellAll(session, shippedProfile, "no profiles", orderProfiles, "");
    }
    const profile = orderProfiles.find((one) => one.profile === name);
    if (profile === undefined) throw unknownProfile({ kind: "orders", profiles: orderProfiles }, name);
    await session.ui.show(profile, (page) => page.line(JSON.stringify(profile, null, 2)));
  },
});
